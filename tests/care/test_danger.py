"""Words that cannot wait are found in every language and spelling; what merely looks like one is not."""

import pytest

from care.danger import chosen, is_dangerous, listed, plain
from care.danger_words import ARABIC, ARABIC_DISTRESS, BY_LANGUAGE, URDU, URDU_DISTRESS
from care.desk import Desk
from tests.texts.test_catalogues import FOREIGN_LETTERS

WORDS = chosen(None, {})
DESK = Desk(danger_words=WORDS)

URGENT = {
    "English": [
        "I am at the end of my tether",
        "crying every night since she came",
        "we can't take any more of this",
        "Honestly we are giving up.",
        "I can’t go on like this",
        "He had a panic attack again",
        "I think about SUICIDE",
        "she says she feels suicidal again",
        "He has been self-harming.",
        "self harm, again",
        "SELF–HARM",
        "selfharm",
        "I can’t cope any more",
        "i cant cope",
        "I can´t cope",
        "I can′t cope",
        "he wants to kill my self",
        "ring 9 9 9",
        "They ran away last night!",
        "there were allegations of abuse",
        "The police's here",
        "an emergency",
        "we rang 999",
        "(missing)",
        "she hasn't come home",
        "𝗺𝗶𝘀𝘀𝗶𝗻𝗴 since three",
    ],
    "Urdu": [
        "اب مجھ سے برداشت نہیں ہوتا",
        "میں ہر رات روتی ہوں",
        "ہم ہمت ہار چکے ہیں",
        "میں بہت مایوس ہوں",
        "وہ خودکشی کی بات کر رہا ہے",
        "خود کُشی",  # with a vowel sign
        "وہ مرنا چاہتی ہے",
        "وہ خود کو نقصان پہنچا رہی ہے",
        "بچہ کل سے لاپتہ ہے",
        "بچہ كل سے لاپته هے",  # on an Arabic keyboard
        "گھر سے بھاگ گئی۔",
        "وہ بھاگ گیا",
        "ہمیں پولیس بلانی پڑی",
        "بے\u200cہوش ہو گیا",  # with a joiner between
        "ہم خطرے میں ہیں",
        "اس نے مجھے مارا",
        "ایمبولینس!",
        "۹۹۹ پر فون کیا",
    ],
    "Punjabi": [
        "ਮੇਰੇ ਤੋਂ ਹੋਰ ਬਰਦਾਸ਼ਤ ਨਹੀਂ ਹੁੰਦਾ",
        "ਮੈਂ ਹਰ ਰਾਤ ਰੋਂਦੀ ਹਾਂ",
        "ਅਸੀਂ ਹਿੰਮਤ ਹਾਰ ਗਏ ਹਾਂ",
        "ਉਹ ਖ਼ੁਦਕੁਸ਼ੀ ਦੀ ਗੱਲ ਕਰਦਾ ਹੈ",
        "ਖੁਦਕੁਸ਼ੀਆਂ",
        "ਉਹ ਮਰਨਾ ਚਾਹੁੰਦੀ ਹੈ",
        "ਬੱਚਾ ਕੱਲ੍ਹ ਤੋਂ ਲਾਪਤਾ ਹੈ।",
        "ਉਹ ਘਰੋਂ ਭੱਜ ਗਈ",
        "ਉਹ ਘਰੋਂ ਭਜ ਗਿਆ",  # without the sign that doubles a letter
        "ਪੁਲਿਸ ਨੂੰ ਬੁਲਾਇਆ",
        "ਅਸੀਂ ਖ਼ਤਰੇ ਵਿੱਚ ਹਾਂ",
        "ਅਸੀਂ ਖਤਰੇ ਵਿੱਚ ਹਾਂ",
        "ਉਸ ਨੇ ਮੈਨੂੰ ਮਾਰਿਆ",
        "ਐਂਬੂਲੈਂਸ!",
        "ਬੇਹੋਸ਼ੀ",
    ],
    "Arabic": [
        "لم أعد أستطيع التحمل",
        "أبكي كل ليلة",
        "أنا منهارة تماما",
        "فقدت الأمل",
        "يفكر في الانتحار",
        "تُرِيدُ أَنْ تَمُوتَ",  # with every vowel sign
        "اريد ان اموت",  # without hamza
        "الطفل مفقود منذ أمس",
        "وهربت من البيت",
        "اتصلنا بالشرطة",
        "والشرطه هنا",
        "سيارة إسعاف",
        "الطـــوارئ",  # drawn long
        "نحن في خطر",
        "يؤذي نفسه",
        "ضربني",
        "اتصلنا بـ ٩٩٩",
    ],
    "romanised": [
        "ab bardasht nahi hota",
        "main har raat roti hoon",
        "himmat haar gaye hain",
        "asi andron tutt gaye haan",
        "Khudkushi ki baat karta hai",
        "wo marna chahti hai",
        "bacha kal se LAPATA hai",
        "ghar se bhaag gaya",
        "oh bhajj gayi",
        "mujhe maarta hai",
        "police nu bulaya",
        "hum khatre mein hain",
        "wo behosh hai",
        "yufakkir fi al intihar",
        "inti7ar",
    ],
}
HARMLESS = {
    "English": [
        "The van broke down, so we give up our seats",
        "We gave our tickets to the neighbours",
        "Is there a way out of the car park at the back?",
        "She was crying with laughter",
        "Our cooker broke, can we use the hall's?",
        "We can take any two of the dates",
        "a coping saw",
        "Who copes with the tea urn?",
        "Yes please, four of us.",
        "We miss you all!",
        "What is the policy on biscuits?",
        "an assortment of cakes",
        "the emerging plan",
        "The hall was unsafely warm? No, lovely.",
        "abundant cake, endangered species day at the zoo",
        "dismissing nobody",
        "room 1999",
        "self service, harmless",
        "I have not come back to you yet about Saturday",
    ],
    "Urdu": [
        "کرسی ٹوٹ گئی",
        "ہم ہر رات روٹی پکاتے ہیں",
        "ہم تھوڑے تھکے ہیں مگر آئیں گے",
        "روٹی اور چائے ہوگی؟",
        "جی ہاں، ہم چار لوگ آئیں گے",
        "مجھے مارچ میں چھٹی چاہیے",  # "me in March" begins like "hit me"
        "وہ حاملہ ہیں",  # pregnant, not attack
        "ہمیں کریپ پسند ہیں",
        "گمنام سروے کب ہے؟",
        "راستہ بہت خوبصورت تھا",
        "پول کہاں ہے؟",
    ],
    "Punjabi": [
        "ਰੋਟੀ ਅਤੇ ਚਾਹ ਹੋਵੇਗੀ?",
        "ਅਸੀਂ ਰੋਜ਼ ਰੋਟੀ ਬਣਾਉਂਦੇ ਹਾਂ",
        "ਹਾਂ ਜੀ, ਅਸੀਂ ਚਾਰ ਜਣੇ ਆਵਾਂਗੇ",
        "ਮੈਨੂੰ ਮਾਰਚ ਵਿੱਚ ਛੁੱਟੀ ਚਾਹੀਦੀ ਹੈ",
        "ਗੁਮਨਾਮ ਸਰਵੇਖਣ",
        "ਪੁਲ ਦੇ ਕੋਲ",
        "ਪਤਾ ਲਿਖ ਦਿਓ",
        "ਖੁਸ਼ੀ ਹੋਈ",
    ],
    "Arabic": [
        "مش قادر أجي يوم السبت",
        "هل نستطيع إحضار كعكة؟",
        "نأمل أن نراكم",
        "نعم، سنأتي نحن الأربعة",
        "الكهرباء مقطوعة في القاعة",  # electricity ends in "ran away"
        "بشرط أن يكون يوم السبت",  # on condition, not police
        "خطر على بالي سؤال",  # it occurred to me
        "أسعدتنا الحفلة",
        "ننتظر الحافلة",
        "شكرًا لكم",
    ],
    "romanised": [
        "roti aur chai hogi?",
        "raat ko kitne baje?",
        "haan ji, hum chaar log aayenge",
        "mujhe march mein chutti chahiye",
        "mujhe Maryam ka number chahiye",
        "apni jaan pehchan",
        "gum aur mithai",
        "polite",
    ],
}


def cases(told: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(language, text) for language, texts in told.items() for text in texts]


@pytest.mark.parametrize(("language", "text"), cases(URGENT))
def test_words_of_danger_are_found(language: str, text: str) -> None:
    assert DESK.is_urgent(text)


@pytest.mark.parametrize(("language", "text"), cases(HARMLESS))
def test_a_word_that_merely_looks_like_one_is_left_alone(language: str, text: str) -> None:
    assert not DESK.is_urgent(text)


def test_a_friendly_missing_counts_too() -> None:
    """Numbers to ring harm nobody who misses the others; overlooking a missing child does."""
    assert DESK.is_urgent("missing you all at the coffee morning")


@pytest.mark.parametrize("words", BY_LANGUAGE.values())
def test_each_word_of_the_lists_finds_itself(words: str) -> None:
    for word in listed(words):
        assert plain(word), word
        assert is_dangerous(f"… {word.rstrip('*')}, …", (word,)), word


@pytest.mark.parametrize(
    ("words", "language"), [(URDU + URDU_DISTRESS, "ur"), (ARABIC + ARABIC_DISTRESS, "ar")]
)
def test_the_lists_are_written_in_the_letters_of_their_language(words: str, language: str) -> None:
    """An Arabic word in Urdu letters would not be found behind "the" and "and"."""
    assert not set(FOREIGN_LETTERS[language]) & set(words)


def test_a_word_stands_alone_and_one_with_a_star_may_go_on() -> None:
    assert is_dangerous("abused", ("abus*",))
    assert not is_dangerous("disabused", ("abus*",))
    assert not is_dangerous("suicidal", ("suicide",))
    assert is_dangerous("the end: of\nmy life", ("end of my life",))


def test_no_words_find_nothing() -> None:
    assert not is_dangerous("suicide", ())
    assert not is_dangerous("anything at all", ("*", " - "))
    assert not is_dangerous("", WORDS)


def test_a_list_is_parted_by_commas_of_both_directions_and_lines() -> None:
    assert listed(" a b, c،د\n\n,e*,") == ("a b", "c", "د", "e*")


def test_a_long_message_is_read_quickly() -> None:
    """Telegram's longest message, made of what begins like a match."""
    assert not DESK.is_urgent(("خود کو " * 600 + "self " * 600)[:4096])
