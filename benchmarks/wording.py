"""What the broadcast of the benchmarks says, in three languages, and the same as bodies for a bare client."""

from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.people import chat, first_name, language
from broadcasts.markup import to_html
from texts.render import Service, Texts

ZONE = ZoneInfo("Europe/London")
SERVICE = Service("Fostering Riverside", "01632 960 123")
WORDS = {
    "en": (
        "*Summer picnic*\nDear {first_name}, our picnic is on Saturday 14 June from 11 am to 3 pm at "
        "Riverside Park. There will be games, face painting and a shared lunch; please bring a dish if you "
        "can. _Children of all ages are welcome._ Parking is free at the north gate."
    ),
    "ur": (
        "*گرمیوں کی پکنک*\n{first_name}، ہماری پکنک ہفتہ 14 جون کو صبح 11 بجے سے دوپہر 3 بجے تک "
        "ریورسائیڈ پارک میں ہے۔ کھیل، چہرے کی پینٹنگ اور مل کر دوپہر کا کھانا ہوگا۔ "
        "_ہر عمر کے بچوں کا خیرمقدم ہے۔_"
    ),
    "pa": (
        "*ਗਰਮੀਆਂ ਦੀ ਪਿਕਨਿਕ*\n{first_name}, ਸਾਡੀ ਪਿਕਨਿਕ ਸ਼ਨੀਵਾਰ 14 ਜੂਨ ਨੂੰ ਸਵੇਰੇ 11 ਵਜੇ ਤੋਂ ਦੁਪਹਿਰ 3 ਵਜੇ ਤੱਕ ਰਿਵਰਸਾਈਡ "
        "ਪਾਰਕ ਵਿੱਚ ਹੈ। ਖੇਡਾਂ ਅਤੇ ਸਾਂਝਾ ਦੁਪਹਿਰ ਦਾ ਖਾਣਾ ਹੋਵੇਗਾ। _ਹਰ ਉਮਰ ਦੇ ਬੱਚਿਆਂ ਦਾ ਸੁਆਗਤ ਹੈ।_"
    ),
}
_TEXTS = Texts(SERVICE, ZONE)


def bodies(people: int) -> list[dict[str, Any]]:
    """What Telegram gets for each of so many carers, ready to post."""
    return [_body(number) for number in range(1, people + 1)]


def _body(number: int) -> dict[str, Any]:
    reads = language(number)
    message = _TEXTS.render("broadcast", {"html": to_html(WORDS[reads], first_name(number))}, reads)
    return {
        "chat_id": chat(number),
        "text": message.text,
        "parse_mode": "HTML",
        "reply_markup": {
            "inline_keyboard": [
                [{"text": button.label, "callback_data": button.data} for button in row]
                for row in message.buttons
            ]
        },
        "link_preview_options": {"is_disabled": True},
    }
