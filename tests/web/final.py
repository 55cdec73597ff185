"""Forms that are neither undone from the next page nor asked about on a page before, each with the reason."""

_OTHER_WAY = "its opposite is a button of the page that it leads to"
_UNDOES = "it takes back something, and is itself taken back by doing that again"
_LINK = "it makes a link, which is called back under Reach or with the next one"
_OUT = "it signs somebody out, who signs in again"

FINAL = {
    "/broadcasts/{broadcast}/approve": "what it lets go waits a minute, with Cancel beside it",
    "/broadcasts/{broadcast}/confirm": "it is the second press; it waits a minute, with Cancel beside it",
    "/broadcasts/{broadcast}/send-back": "its writer sends it again; nobody has had anything",
    "/broadcasts/{broadcast}/test": "it goes to whoever presses, alone",
    "/broadcasts/{broadcast}/unschedule": "it is a draft again, to be confirmed again",
    "/carers/{carer}/email": "the next message tries the address, and says again if it fails",
    "/carers/{carer}/erase/refuse": "nothing is erased; the button to erase stands on the same page",
    "/carers/{carer}/letter": _LINK,
    "/carers/{carer}/link": _LINK,
    "/carers/{carer}/page": _LINK,
    "/deliveries/{delivery}/resend": "what is sent is sent; the page says what a second copy means",
    "/events/series/{series}/days/{day}/back": "leaving the date out again has a page that says who is told",
    "/events/start/back": _UNDOES,
    "/events/{event}/attendance/rest/undo": _UNDOES,
    "/events/{event}/comments/{comment}/redact": "it asks first, in the same form",
    "/households/{household}/check-ins/{check_in}/back": _UNDOES,
    "/letters/posted/back": _UNDOES,
    "/letters/print": "the letters stay on the list until they are noted as posted",
    "/letters/{delivery}/told/back": _UNDOES,
    "/messages/{thread}/answer": "what is sent is sent; until it is, its words can be taken away",
    "/messages/{thread}/hand-over": "undone where somebody had it; of nobody's, its new owner gives it back",
    "/register/{register}/away": "the file is where it was uploaded from",
    "/register/{register}/take": "it is the second press: the page before says what changes",
    "/reports/count": "it counts what can be counted again, and can be stopped",
    "/reports/make": "it makes a file and changes nothing; it can be stopped",
    "/requests/back": _UNDOES,
    "/sign-out": _OUT,
    "/account/link": _LINK,
    "/account/sign-out": _OUT,
    "/account/sign-out-others": _OUT,
    "/staff/{staff}/link": _LINK,
    "/staff/{staff}/sign-out": _OUT,
    "/surveys/{closed}/tell": "it writes a draft, which nobody has had",
    "/survey-forms/{survey}/back": "putting it away has a page of its own",
    "/survey-forms/{survey}/begin": "it makes a draft, which can be thrown away",
    "/survey-forms/{survey}/draft/questions/{question}/move": _OTHER_WAY,
    "/asked-for/{work}/stop": "what was stopped changed nothing, and is started again",
}
