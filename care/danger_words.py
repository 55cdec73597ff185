"""The words that a service looks for unless it names its own: suicide, self-harm, violence, a child missing;
and a carer who cannot go on.

``*`` stands for any ending (`care.danger`). In doubt a word is in the list: it shows a carer the numbers to
ring and costs staff a look. A word that is not in it lets a message wait until the office opens. Hence
"missing you all at the coffee morning" counts: nothing tells it safely from "missing since this morning".

No native speaker has reviewed the lists beside the English (docs/translations.md). Romanised words are spelt
as people type them, several ways each, and stand with the language that they are from; where Urdu and Punjabi
share one, with Urdu.
"""

ENGLISH = """
suicid*, suiside, unalive*, kill myself, kill my self, kill himself, kill herself, kill themselves,
killing myself, end my life, end it all, take my own life, took his own life, took her own life, want to die,
wants to die, wanted to die, hurt myself, hurt my self, hurting myself, hurt himself, hurting himself,
hurt herself, hurting herself, self harm*, selfharm*, cut myself, cut my self, cutting myself,
cutting himself, cutting herself, overdos*, took too many tablets, missing, run away, runs away, ran away,
running away, runaway, disappeared, not come home, didn't come home, hasn't come home, hasn't come back,
has not come back, abus*, assault*, attacked, rape, raped, raping, molest*, violent, violence, threatened,
threatening, strangl*, stabbed, hit me, hits me, hitting me, police*, ambulance*, emergenc*, 999, 9 9 9,
bleeding, unconscious, not breathing, stopped breathing, unsafe, not safe, in danger
"""

ENGLISH_DISTRESS = """
can't cope, cannot cope, can not cope, couldn't cope, not coping, struggling to cope, can't go on,
cannot go on, can't carry on, cannot carry on, can't take any more, can't take it any more,
can't take it anymore, can't do this any more, can't do this anymore, can't do it any more, giving up,
want to give up, ready to give up, about to give up, have given up, breaking point, end of my tether,
end of our tether, at my wits end, at our wits end, falling apart, breaking down, having a breakdown,
had a breakdown, desperate, despair*, hopeless, no hope, no way out, cry every*, crying every*,
crying all*, can't stop crying, cried all night, in tears, panic attack*, so alone, all alone,
nobody helps, no one helps, at rock bottom, hit rock bottom, burnt out, burned out
"""

URDU = """
خودکش*, خود کش*, خود کو مار*, اپنے آپ کو مار*, اپنی جان لے*, اپنی جان دے*, مرنا چاہ*, مر جانا چاہ*,
جینا نہیں چاہ*, زندگی ختم*, خود کو نقصان*, اپنے آپ کو نقصان*, خود کو زخمی*, خود کو کاٹ*,
اپنے آپ کو کاٹ*, اوورڈوز*, اوور ڈوز*, زیادہ گولیاں کھا*, لاپتہ, لا پتہ, گمشدہ*, گم شدہ, گم ہو گ*,
گم ہوگ*, گم ہے, گم ہیں, بھاگ گ*, گھر سے بھاگ*, گھر نہیں آیا, گھر نہیں آئی, زیادتی*, بدسلوکی*,
بد سلوکی*, تشدد, جنسی*, ریپ, مار پیٹ*, مارپیٹ*, مارا پیٹا, مجھے مارا, مجھے مارت*, مجھے مارن*, حملہ,
حملے, دھمکی*, پولیس, پولس, ایمبولینس*, ایمبولنس*, ایمرجنسی*, ہنگامی, خون بہہ*, خون بہ رہا, خون بہن*,
خون نکل*, بےہوش*, بے ہوش*, بیہوش*, سانس نہیں*, غیر محفوظ, محفوظ نہیں, خطرہ, خطرے
"""

URDU_DISTRESS = """
برداشت نہیں*, اور برداشت*, برداشت سے باہر, ہمت ہار*, ہمت نہیں رہی, ہمت جواب*, ہار مان*, تنگ آ گ*,
تنگ آگ*, نہیں سنبھل*, سنبھالا نہیں جا*, سنبھال نہیں*, اندر سے ٹوٹ*, رات بھر روت*, رات بھر روئ*,
ہر رات روت*, ہر رات رون*, روز روت*, روتی رہ*, روتا رہ*, رو رو کر, مایوس*, ناامید*, نا امید*,
کوئی راستہ نہیں, بالکل اکیل*, کوئی مدد نہیں*, ذہنی دباؤ, شدید دباؤ, گھبراہٹ*, بے بس, بےبس
"""

PUNJABI = """
ਖੁਦਕੁਸ਼ੀ*, ਖੁਦ ਕੁਸ਼ੀ*, ਆਤਮਹੱਤਿਆ*, ਆਤਮ ਹੱਤਿਆ*, ਆਤਮਘਾਤ*, ਆਪਣੇ ਆਪ ਨੂੰ ਮਾਰ*, ਖੁਦ ਨੂੰ ਮਾਰ*, ਆਪਣੀ ਜਾਨ ਲੈ*,
ਆਪਣੀ ਜਾਨ ਦੇ*, ਮਰਨਾ ਚਾਹੁੰ*, ਮਰ ਜਾਣਾ ਚਾਹੁੰ*, ਜੀਣਾ ਨਹੀਂ ਚਾਹੁੰ*, ਜਿਉਣਾ ਨਹੀਂ ਚਾਹੁੰ*, ਜ਼ਿੰਦਗੀ ਖਤਮ*,
ਆਪਣੇ ਆਪ ਨੂੰ ਨੁਕਸਾਨ*, ਖੁਦ ਨੂੰ ਨੁਕਸਾਨ*, ਆਪਣੇ ਆਪ ਨੂੰ ਸੱਟ*, ਖੁਦ ਨੂੰ ਸੱਟ*, ਆਪਣੇ ਆਪ ਨੂੰ ਕੱਟ*, ਓਵਰਡੋਜ਼*,
ਓਵਰ ਡੋਜ਼*, ਲਾਪਤਾ, ਗੁੰਮਸ਼ੁਦਾ, ਗੁਮਸ਼ੁਦਾ, ਗੁੰਮ ਹੋ*, ਗੁਮ ਹੋ*, ਗੁੰਮ ਹੈ, ਭੱਜ ਗ*, ਘਰੋਂ ਭੱਜ*, ਦੌੜ ਗ*,
ਘਰੋਂ ਦੌੜ*, ਘਰ ਨਹੀਂ ਆਇਆ, ਘਰ ਨਹੀਂ ਆਈ, ਦੁਰਵਿਵਹਾਰ*, ਬਦਸਲੂਕੀ*, ਸ਼ੋਸ਼ਣ*, ਕੁੱਟਮਾਰ*, ਕੁੱਟ ਮਾਰ*, ਕੁੱਟਿਆ*,
ਕੁੱਟਦ*, ਮੈਨੂੰ ਮਾਰਿਆ, ਮੈਨੂੰ ਮਾਰਦ*, ਮੈਨੂੰ ਮਾਰਨ*, ਹਿੰਸਾ*, ਹਮਲਾ, ਹਮਲੇ, ਬਲਾਤਕਾਰ*, ਜਿਨਸੀ, ਰੇਪ, ਧਮਕੀ*, ਧਮਕਾ*,
ਪੁਲਿਸ, ਪੁਲੀਸ, ਪੁਲਸ, ਐਂਬੂਲੈਂਸ*, ਐਂਬੁਲੈਂਸ*, ਐਮਬੂਲੈਂਸ*, ਐਮਰਜੈਂਸੀ*, ਐਮਰਜੰਸੀ*, ਹੰਗਾਮੀ, ਖੂਨ ਵਗ*, ਖੂਨ ਵਹਿ*,
ਖੂਨ ਨਿਕਲ*, ਲਹੂ ਵਗ*, ਬੇਹੋਸ਼*, ਬੇ ਹੋਸ਼*, ਸਾਹ ਨਹੀਂ*, ਅਸੁਰੱਖਿਅਤ, ਸੁਰੱਖਿਅਤ ਨਹੀਂ, ਖਤਰਾ, ਖਤਰੇ
"""

PUNJABI_DISTRESS = """
ਬਰਦਾਸ਼ਤ ਨਹੀਂ*, ਹੋਰ ਬਰਦਾਸ਼ਤ*, ਬਰਦਾਸ਼ਤ ਤੋਂ ਬਾਹਰ, ਹਿੰਮਤ ਹਾਰ*, ਹਿੰਮਤ ਨਹੀਂ ਰਹੀ, ਹਾਰ ਮੰਨ*, ਤੰਗ ਆ ਗ*,
ਨਹੀਂ ਸੰਭਲ*, ਸੰਭਾਲ ਨਹੀਂ*, ਸਾਂਭਿਆ ਨਹੀਂ*, ਅੰਦਰੋਂ ਟੁੱਟ*, ਸਾਰੀ ਰਾਤ ਰੋਂਦ*, ਸਾਰੀ ਰਾਤ ਰੋਈ, ਹਰ ਰਾਤ ਰੋਂਦ*,
ਹਰ ਰਾਤ ਰੋਣ*, ਰੋਜ਼ ਰੋਂਦ*, ਰੋਂਦੀ ਰਹਿ*, ਰੋਂਦਾ ਰਹਿ*, ਨਿਰਾਸ਼*, ਮਾਯੂਸ*, ਕੋਈ ਰਾਹ ਨਹੀਂ*, ਕੋਈ ਰਸਤਾ ਨਹੀਂ*,
ਬਿਲਕੁਲ ਇਕੱਲ*, ਕੋਈ ਮਦਦ ਨਹੀਂ*, ਮਾਨਸਿਕ ਤਣਾਅ, ਬਹੁਤ ਤਣਾਅ, ਘਬਰਾਹਟ*, ਬੇਵੱਸ, ਬੇਬੱਸ
"""

ARABIC = """
انتحار*, انتحر*, ينتحر*, تنتحر*, أقتل نفس*, قتل نفس*, يقتل نفس*, تقتل نفس*, أنهي حياتي, إنهاء حياتي,
أن أموت, أن يموت, أن تموت, بدي أموت, عايز أموت, عايزة أموت, أريد الموت, يريد الموت, تريد الموت,
أتمنى الموت, أؤذي نفس*, يؤذي نفس*, تؤذي نفس*, إيذاء نفس*, إيذاء النفس, إيذاء الذات, أذى نفس*,
أجرح نفس*, يجرح نفس*, تجرح نفس*, جرعة زائدة, جرعة مفرطة, مفقود*, اختفى, اختفت, اختفوا, اختفاء*, هرب,
هربت, هربوا, يهرب, تهرب, هروب*, لم يعد إلى البيت, لم تعد إلى البيت, اعتداء*, اعتدى, اعتدت, يعتدي,
إساءة, أساء, أساءت, يسيء, تسيء, عنف, عنيف*, اغتصاب*, اغتصب*, تحرش*, يتحرش*, ضربني, ضربتني, ضربها,
ضربوه, يضرب, يضربه*, يضربن*, تضرب, تضربن*, تهديد*, هدد*, يهدد*, شرطة, بوليس, إسعاف*, طوارئ, نجدة,
ينزف, تنزف, أنزف, نزيف*, فقد الوعي, فقدت الوعي, فقد وعي*, فقدت وعي*, فاقد الوعي, فاقدة الوعي,
مغمى علي*, أغمي علي*, لا يتنفس, لا تتنفس, غير آمن*, ليس آمن*, ليست آمن*, لست آمن*, لست بأمان,
لسنا بأمان, ليس بأمان, ليست بأمان, ليس في أمان, ليست في أمان, لست في أمان, في خطر, للخطر, بخطر
"""

ARABIC_DISTRESS = """
لا أستطيع التحمل, لم أعد أستطيع, لم أعد أحتمل, لم أعد أتحمل, لا أحتمل, لا أتحمل, ما عدت أقدر,
ما عاد فيني, انهار*, أنهار, منهار*, انهيار*, سأنهار, يأس*, يائس*, يئست, فقدت الأمل, لا أمل, أستسلم,
استسلمت, سأستسلم, أبكي كل*, أبكي طوال*, بكيت طوال*, لا أتوقف عن البكاء, وحدي تماما, لا أحد يساعدني,
نوبة هلع, نوبات هلع, لا مخرج
"""

ROMAN_URDU = """
khudkush*, khud kushi*, khudkashi*, khud ko maar*, apne aap ko maar*, apne aap ko mar*, apni jaan le*,
apni jaan de*, apni jan le*, marna chah*, mar jana chah*, mar jaana chah*, jeena nahi chah*,
jeena nahin chah*, jina nahi chah*, zindagi khatam*, zindagi khatm*, khud ko nuqsaan*, khud ko nuqsan*,
khud ko nuksan*, apne aap ko nuqsan*, apne aap ko nuksan*, khud ko kaat*, aatmahatya*, atmahatya*,
lapata, laapata, gumshuda, gum ho ga*, gum ho gya, gum hoga*, gum hogya, bhaag ga*, bhaag gya, bhag ga*,
bhag gya, ghar se bhag*, ghar se bhaag*, ghar nahi aaya, ghar nahi aayi, zyadti, ziyadti, zyaadti,
badsalooki*, badsaluki*, tashadud, tashaddud, maar peet*, maar pit*, maarpeet*, mujhe maara,
mujhe maart*, mujhe maarn*, mujhe mara, mujhe marta, mujhe marti, hamla, dhamki*, polis, pulis, pulees,
ambulans*, embulans*, behosh*, be hosh*, khoon beh*, khoon bah*, khoon nikal*, saans nahi*,
mehfooz nahi*, mahfooz nahi*, mehfuz nahi*, khatra, khatre, bardasht nahi*, bardaasht nahi*,
himmat haar*, himmat nahi*, haar maan*, tang aa ga*, andar se toot*, raat bhar roti, raat bhar rota,
har raat roti h*, har raat rota, roti reht*, rota reht*, mayoos*, na umeed*, koi rasta nahi*,
bilkul akel*, koi madad nahi*
"""

ROMAN_PUNJABI = """
khud nu maar*, apne aap nu maar*, apne aap nu mar*, apni jaan lu*, apne aap nu nuksan*, bhaj ga*,
bhaj gya, bhajj ga*, mainu maary*, mainu maard*, mainu marda, mainu mardi, kutmar*, kuttmar*,
khoon vag*, saah nahi*, surakhiat nahi*, himmat har*, andron tut*, sari raat rond*, har raat rond*,
rondi reh*, ronda reh*, koi rah nahi*, bilkul ikall*, koi madad nahi*
"""

ROMAN_ARABIC = """
intihar, inti7ar, entihar, enti7ar, shurta, es3af, is3af, mafqood*, mafqud*, fi khatar, ma 3ad fini,
inhiyar, enhiyar
"""

BY_LANGUAGE = {
    "en": ENGLISH + ENGLISH_DISTRESS,
    "ur": URDU + URDU_DISTRESS + ROMAN_URDU,
    "pa": PUNJABI + PUNJABI_DISTRESS + ROMAN_PUNJABI,
    "ar": ARABIC + ARABIC_DISTRESS + ROMAN_ARABIC,
}
"""The words of each language, as `care.danger.listed` reads them. Whoever writes, all are looked for: a
carer's language in the register is not always the one that they cry out in."""
