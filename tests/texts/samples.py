"""For each kind of text that a carer may get, the parameters of every branch: as the domain gives them."""

from typing import Any

Params = dict[str, Any]

BY_EMAIL = (
    "answer_changed",
    "ballot_lost",
    "broadcast",
    "calendar_update",
    "cancellation",
    "change",
    "feedback",
    "invitation",
    "join_link",
    "nudge",
    "offer",
    "offer_lapsed",
    "reminder",
    "survey",
    "survey_reminder",
    "thread_answer",
)
"""The kinds that go out by email as well."""

BY_LETTER = ("ballot_lost", "broadcast", "cancellation", "change", "invitation", "survey", "thread_answer")
"""The kinds that are printed and posted."""

EVENT: Params = {
    "event_id": 7,
    "title": "Coffee & cake afternoon",
    "starts_at": "2026-05-23T18:30:00+00:00",
    "ends_at": "2026-05-23T20:00:00+00:00",
    "mode": "in_person",
    "venue": "Riverside Hall, 1 Mill Lane",
    "map_url": "https://maps.example.org/?q=Riverside+Hall&z=1",
}
PARTY = {
    "adults": 2,
    "children_0_4": 0,
    "children_5_10": 1,
    "children_11_15": 2,
    "children_16_up": 0,
    "people": 5,
}
BASIC_CARD: Params = EVENT | {
    "invitation_id": 2_000_000_000,
    "description": "",
    "state": "invited",
    "taking_part": None,
    "by_household": False,
    "party": PARTY | {"adults": 1, "children_5_10": 0, "children_11_15": 0, "people": 1},
    "answered_by": None,
    "position": None,
    "offer_until": None,
    "answer_until": None,
    "ballot": False,
    "draws_at": None,
    "missed_offer": False,
    "can_ask_why": False,
    "full": [],
    "asked_again": False,
    "over": "",
    "reason": "",
    "choices": ["going", "maybe", "not_going"],
    "chosen": None,
    "can_set_party": False,
    "can_note_needs": False,
    "needs_noted": False,
    "calendar": False,
    "can_join": False,
    "link_is_out": False,
    "pictured": False,
    "short": False,
    "flyer": None,
}
HYBRID: Params = {"mode": "hybrid", "choices": ["in_person", "online", "not_going"]}
COMING: Params = {
    "can_note_needs": True,
    "needs_noted": True,
    "by_household": True,
    "can_set_party": True,
    "party": PARTY,
}
SOON = "2026-05-20T17:00:00+00:00"
PAGE = "https://hope.example/c/WzEyLDEsImhvbWUiLDAsMjA2MDBd.kQ2vXw"
FEED = "https://hope.example/calendar/WzEyLDNd.kQ2vXw.ics"
BALLOT: Params = {"ballot": True, "draws_at": SOON, "choices": ["going", "not_going"]}


def card(**changes: Any) -> Params:
    return BASIC_CARD | changes


INVITED = card(description="Come as you are.\nThe kettle is on.", answer_until=SOON)
GOING = card(**COMING, state="going", taking_part="in_person", chosen="going", calendar=True)
CANCELLED = card(state="cancelled", over="cancelled", reason="The hall has no heating.", choices=[])
NOW_ONLINE: Params = {"state": "going", "taking_part": "online", "can_join": True}
NOT_COMING_AFTER_ALL: Params = {"over": "closed", "choices": ["not_going"]}
LOST = card(**BALLOT | NOT_COMING_AFTER_ALL, state="ballot_lost", can_ask_why=True)
OFFERED_BY_BALLOT = card(**COMING, **BALLOT, state="offered", offer_until=SOON, over="closed")
MISSED = card(**BALLOT | {"choices": []}, over="closed", missed_offer=True)
DRAWS = [
    card(**BALLOT),
    card(**BALLOT | HYBRID),
    card(**COMING, **BALLOT, state="ballot_entered", chosen="going", answered_by="Jo"),
    card(**BALLOT | HYBRID, state="ballot_entered", taking_part="online", chosen="online"),
    card(**BALLOT | HYBRID, state="ballot_entered", taking_part="in_person", chosen="in_person"),
    card(**BALLOT | NOT_COMING_AFTER_ALL, state="ballot_entered", chosen="going"),
    card(**BALLOT | NOT_COMING_AFTER_ALL, state="going", chosen="going"),
    card(**BALLOT | {"choices": []}, over="closed"),
    OFFERED_BY_BALLOT,
    LOST,
    LOST | {"over": "begun", "choices": []},
    MISSED,
]
CARDS = [
    *DRAWS,
    card(**HYBRID | NOW_ONLINE, chosen="online"),
    card(**HYBRID | NOW_ONLINE, chosen="online", link_is_out=True),
    card(**HYBRID | NOW_ONLINE | {"choices": []}, over="begun", link_is_out=True),
    card(over="begun", choices=[]),
    card(state="maybe", chosen="maybe", **NOT_COMING_AFTER_ALL),
    card(map_url=""),
    card(state="cancelled", over="withdrawn", choices=[]),
    INVITED,
    card(by_household=True, answer_until=SOON),
    card(mode="online", venue=""),
    card(**HYBRID),
    card(**HYBRID, venue=""),
    card(**HYBRID, full=["in_person"]),
    card(**HYBRID, full=["online"]),
    card(**HYBRID, full=["in_person", "online"]),
    card(full=["in_person"]),
    GOING,
    card(**(COMING | {"party": PARTY | {"adults": 1}}), state="going", answered_by="Jo", chosen="going"),
    card(**HYBRID, state="going", taking_part="online", chosen="online"),
    card(**HYBRID, state="going", taking_part="in_person", chosen="in_person"),
    card(**COMING, state="maybe", chosen="maybe", description="Bring a friend.", answer_until=SOON),
    card(state="not_going", chosen="not_going", answered_by="Jo"),
    card(**COMING, state="waitlisted", position=3, chosen="going"),
    card(**COMING, state="offered", offer_until=SOON),
    card(state="going", asked_again=True, chosen="going"),
    card(state="going", over="closed", choices=["not_going"], chosen="going"),
    card(over="closed", choices=[]),
    card(state="going", over="begun", choices=[]),
    CANCELLED,
    CANCELLED | {"reason": ""},
]

ROUND: Params = {
    "round": 2_000_000_000,
    "title": {"en": "Foster Carer Health Check"},
    "introduction": {"en": "Seven questions about how fostering with us is for you."},
    "minutes": 3,
    "questions": 7,
    "anonymous": True,
    "threshold": 5,
    "closes_at": SOON,
}
ROUNDS = [
    ROUND | {"web": True},
    ROUND | {"collects": True},
    ROUND | {"anonymous": False, "questions": 1, "minutes": 1},
]
QUESTION: Params = {
    "round": 2_000_000_000,
    "title": "Foster Carer Health Check",
    "total": 12,
    "anonymous": True,
    "number": 3,
    "place": 4,
    "type": "scale",
    "text": "I get the breaks that I need.",
    "options": [
        {"value": 1, "label": "Not at all", "chosen": False},
        {"value": 2, "label": "Very much", "chosen": True},
    ],
    "written": "",
    "answered": True,
    "required": False,
    "longest": 1000,
}
LONG_OPTIONS = [
    {"value": 1, "label": "Adoption, or guardianship of a child who lives with us", "chosen": False},
    {"value": 2, "label": "Retirement", "chosen": True},
]
WRITING: Params = {"type": "text", "options": []}
REVIEW: Params = {
    "round": 7,
    "title": "Foster Carer Health Check",
    "number": 2,
    "anonymous": True,
    "lines": [
        {"text": "I get the breaks that I need.", "answer": "Very much"},
        {"text": "What would help?", "answer": ""},
    ],
    "answered": True,
}
HELD: Params = {
    "name": "Amal Reed",
    "household": "H-001",
    "email": "amal.reed@example.org",
    "phone": "+447700900001",
    "birth_year": 1968,
    "linked_at": "2025-09-01T10:00:00+00:00",
    "groups": "Baby carers, Evening support group",
    "answers": 12,
    "messages": 1,
    "notices": 48,
    "quiet_from": "22:00",
    "quiet_until": "07:30",
    "asked_at": None,
    "page": PAGE,
}
TOLD: Params = {
    "round": 7,
    "title": "Foster Carer Health Check",
    "when": SOON,
    "took_part": 58,
    "asked": 120,
    "good": [
        {"text": "I feel that my fostering is valued.", "percent": 78, "change": 12},
        {"text": "I get the training that I need.", "percent": 71, "change": None},
        {"text": "I know whom to ring.", "percent": 70, "change": 1},
    ],
    "work": [
        {"text": "I get the breaks that I need.", "percent": 31, "change": -1},
        {"text": "We are told enough about a child.", "percent": 29, "change": -9},
    ],
    "next": [{"said": "Breaks are hard to get.", "did": "We are finding more respite carers."}],
    "more": True,
    "for_all": False,
}
NOT_TOLD: Params = {"took_part": 1, "good": [], "work": [], "next": [], "more": False}
ACTIONS: list[Params] = [
    {"said": "Breaks are hard to get.", "did": did, "state": state, "due_on": due, "settled_on": None}
    for did, state, due in (
        ("There are six more places a month.", "done", None),
        ("We are asking other services.", "under_way", "2026-09-30"),
        ("", "planned", "2026-09-30"),
        ("", "planned", None),
        ("The hall has no lift & cannot get one.", "not_possible", None),
    )
]
NOMINATED = [{"id": 3, "whom": "Sam Okafor"}, {"id": 4, "whom": "Lin and Bo Marsh"}]
SETTINGS: Params = {
    "wanted": ["socials", "support_groups", "training"],
    "unwanted": ["tickets", "surveys"],
    "paused_until": None,
    "stopped": False,
    "chosen": "en",
    "quiet_from": "22:00",
    "quiet_until": "07:30",
}
NO_QUIET: Params = {"quiet_from": None, "quiet_until": None}
SERVICE_QUIET: Params = {"service_from": "21:00", "service_until": "08:00"}
OWN_QUIET: Params = {"quiet_from": "20:00", "quiet_until": "10:00"}
SHARED: Params = {"whose": {"name": "Jo", "others": [{"id": 12, "name": "Amal"}]}}
"""What any message of a chat may have that two carers of a household share."""

BABY_CARERS = {"id": 3, "name": "Baby carers", "about": "For who looks after babies.", "is_open": True}
WALKERS = {"id": 4, "name": "Walkers", "about": "", "is_open": True}
GROUPS: Params = {"mine": [WALKERS], "others": [BABY_CARERS], "said": "", "group": "", "invited": 0}
EVENTS: Params = {
    "rows": [{"invitation_id": 2_000_000_000, "label": "✅ Sat 23 May · Coffee & cake afternoon"}],
    "page": 2,
    "pages": 3,
}
CHECKED_IN: Params = {"title": EVENT["title"], "starts_at": EVENT["starts_at"]}
WHY: list[Params] = [
    {
        "title": "Panto tickets",
        "number": 1,
        "entries": 31,
        "places": 12,
        "received": 1,
        "losses": 0,
        "tickets": 1,
        "usual": 2,
        "turn": 17,
        "last_turn": 12,
        "won": False,
        "too_large": False,
        "fingerprint": "1f0c9a2be47d5536",
    }
    | changes
    for changes in (
        {"number": 2, "received": 0, "losses": 0, "tickets": 1, "usual": 1},
        {"places": None, "won": True},
        {"tickets": 3, "usual": 1, "received": 0, "losses": 2, "too_large": True, "turn": 11},
        {"last_turn": None},
        {},
    )
]
TOAST_RSVP: list[Params] = [
    {"result": "ballot_entered", "position": None, "draws_at": SOON},
    *(
        {"result": result, "position": 3, "draws_at": None}
        for result in (
            "ballot_entered",
            "going",
            "maybe",
            "not_going",
            "waitlisted",
            "saved",
            "unchanged",
            "full",
            "closed",
            "begun",
            "cancelled",
            "withdrawn",
            "refused",
        )
    ),
]
NOTHING: list[Params] = [{}]
OFFICE: list[Params] = [{"open": True}, {"open": False}]

SAMPLES: dict[str, list[Params]] = {
    "answer_changed": [GOING | {"noted_by": "Priya Lane"}, GOING | {"noted_by": None}],
    "ballot_lost": [LOST],
    "ballot_why": WHY,
    "bot_description": NOTHING,
    "card_moved": [{"title": "Coffee Afternoon"}],
    "chat_moved": [{"first_name": "Jo", "stays": ""}, {"first_name": "Jo", "stays": "Amal"}],
    "calendar_all": [{"feed": True}, {"feed": False}],
    "calendar_empty": [{"feed": True}, {"feed": False}],
    "calendar_feed": [{"url": FEED, "number": 3, "fresh": fresh} for fresh in (True, False)],
    "calendar_feed_off": NOTHING,
    "calendar_file": [{"cancelled": True}, {"cancelled": False}],
    "calendar_update": [
        GOING | {"cancelled": False},
        card(state="not_going", chosen="not_going") | {"cancelled": True},
        INVITED | {"cancelled": False},
        card(over="closed", choices=[]) | {"cancelled": False},
    ],
    "cancellation": [CANCELLED, CANCELLED | {"reason": ""}],
    # Staff's own words, in the language that they wrote them in.
    "broadcast": [
        {"html": "Amal، دفتر <b>پیر</b> کو بند رہے گا۔ <i>فون: 01709 000000</i> &amp; /message"},
        {"html": "السلام علیکم Amal،"},
    ],
    "card": CARDS,
    "change": [
        GOING
        | {
            "asked_again": True,
            "was_starts_at": "2026-05-22T18:30:00+00:00",
            "was_ends_at": "2026-05-22T20:00:00+00:00",
            "was_venue": "The Old Library",
        },
        GOING | {"was_starts_at": None, "was_ends_at": None, "was_venue": "The Old Library"},
        GOING | {"was_starts_at": EVENT["starts_at"], "was_ends_at": EVENT["ends_at"], "was_venue": None},
    ],
    "checked_in": [
        *(
            CHECKED_IN | {"result": result}
            for result in ("welcome", "already", "too_early", "over", "cancelled")
        ),
        {"result": "unknown", "title": "", "starts_at": ""},
    ],
    "events_list": [EVENTS, EVENTS | {"page": 1, "pages": 1}, {"rows": [], "page": 1, "pages": 1}],
    "feedback": [EVENT],
    "feedback_commented": NOTHING,
    "feedback_thanks": [{"rating": 4}],
    "help": NOTHING,
    "invitation": [INVITED, GOING],
    "join_link": [
        EVENT | {"mode": "online", "venue": "", "url": url, "protect": True}
        for url in ("https://meet.example.org/a?b=1&c=2", "Ring 01709 000000, code 12")
    ],
    "language": [{"chosen": "en"}, {"chosen": "ur"}],
    "link_chat_taken": NOTHING,
    "link_slowed": NOTHING,
    "mail_foot": [
        {"home": PAGE, "privacy": PAGE, "unsubscribe": PAGE, "topic": "Training"},
        {"home": PAGE, "privacy": PAGE, "unsubscribe": PAGE, "topic": ""},
        {"home": "", "privacy": "", "unsubscribe": "", "topic": ""},
    ],
    "mail_hello": [{"first_name": "Amal"}, {"first_name": ""}],
    "mail_no_page": NOTHING,
    "menu": NOTHING,
    "message_ask": OFFICE,
    "message_added": [{"with_thing": True}, {"with_thing": False}],
    "message_changed": NOTHING,
    "message_received": [
        {"open": open, "with_thing": thing} for open, thing in ((True, True), (False, False))
    ],
    "message_urgent": OFFICE,
    "erased": NOTHING,
    "mydata": [
        HELD,
        HELD | SHARED | {"email": None, "phone": None, "birth_year": None, "groups": "", "messages": 0},
        HELD | NO_QUIET | {"asked_at": SOON, "page": "", "nominations": 2},
    ],
    "mydata_asked": [{"asked_at": SOON}],
    "mydata_erase": NOTHING,
    "mydata_file": NOTHING,
    "mygroups": [
        GROUPS,
        GROUPS | {"said": "joined", "group": "Walkers", "invited": 2, "others": []},
        GROUPS | {"said": "joined", "group": "Walkers"},
        GROUPS | {"said": "left", "group": "Walkers", "mine": []},
        GROUPS | {"said": "closed", "group": "Walkers", "mine": [], "others": []},
    ],
    "mygroups_sure": [{"group": WALKERS}],
    "needs_ask": [{"title": EVENT["title"]}],
    "needs_saved": NOTHING,
    "needs_too_late": NOTHING,
    "nominate_check": [{"whom": "Sam Okafor", "words": "They drove us all to the coast.\nTwice."}],
    "nominate_dropped": NOTHING,
    "nominate_enough": [{"waiting": NOMINATED}],
    "nominate_sent": [{"id": 3, "whom": "Sam Okafor"}],
    "nominate_taken_back": [{"whom": "Sam Okafor"}, {"whom": ""}],
    "nominate_too_late": NOTHING,
    "nominate_too_long": [{"what": "whom", "longest": 100}, {"what": "words", "longest": 500}],
    "nominate_whom": [{"waiting": []}, {"waiting": NOMINATED}],
    "nominate_why": [{"whom": "Sam Okafor", "longest": 500}],
    "nudge": [INVITED],
    "offer": [card(**COMING, state="offered", offer_until=SOON), OFFERED_BY_BALLOT],
    "offer_lapsed": [INVITED, card(over="closed", choices=[]), MISSED],
    "edit_not_seen": [{"urgent": True}, {"urgent": False}],
    "only_the_words": NOTHING,
    "only_words": [
        {
            "voice": waits_for == "",
            "waits_for": waits_for,
            "for_carer": True,
            "numbers": waits_for != "survey",
        }
        for waits_for in ("", "needs", "comment", "survey", "message", "answer")
    ],
    "party": [GOING],
    "poster": NOTHING,
    "reminder": [GOING, card(state="maybe", chosen="maybe")],
    "said_broadcast": [{"actions": ACTIONS}],
    "said_list": [
        {"actions": ACTIONS[:3], "page": 2, "pages": 3},
        {"actions": ACTIONS[3:], "page": 1, "pages": 1},
        {"actions": [], "page": 1, "pages": 1},
    ],
    "settings": [
        SETTINGS,
        SETTINGS | {"paused_until": SOON, "chosen": "ar"},
        SETTINGS | {"stopped": True, "chosen": "pa"} | NO_QUIET,
    ],
    "settings_ask": [
        {"what": what, "wrong": wrong, "until": SOON}
        for what in ("pause", "quiet")
        for wrong in (True, False)
    ],
    "settings_pause": NOTHING,
    "settings_quiet": [
        SERVICE_QUIET | NO_QUIET,
        SERVICE_QUIET | OWN_QUIET,
        OWN_QUIET | {"service_from": None, "service_until": None},
    ],
    "sharing": [{"first_name": "Jo", "other": "Amal"}],
    "stopped": NOTHING,
    "survey": ROUNDS,
    "survey_buttons": [{"urgent": False}, {"urgent": True}],
    "survey_over": NOTHING,
    "survey_question": [
        QUESTION,
        QUESTION | {"type": "several", "number": 0},
        QUESTION | {"type": "0-10", "answered": False},
        QUESTION | {"options": LONG_OPTIONS, "place": 2},
        QUESTION | WRITING | {"written": "A weekend off in <June>."},
        QUESTION | WRITING | {"answered": False, "required": True},
    ],
    "survey_reminder": ROUNDS,
    "survey_review": [REVIEW, REVIEW | {"answered": False}],
    "survey_late_words": NOTHING,
    "survey_sent_already": NOTHING,
    "survey_thanks": [{}, {"occasion": "exit"}],
    "survey_web": [{"url": "https://hearthline.example.org/c/WzEzLDEsInN1cnZleSJd"}],
    "survey_too_long": [{"longest": 1000}],
    "surveys": [
        {"rounds": [{"round": 7, "label": "Quick pulse"}], "done": 0},
        {"rounds": [{"round": at, "label": f"Quick pulse {at}"} for at in (7, 8)], "done": 0},
        {"rounds": [], "done": 1},
        {"rounds": [], "done": 0, "told": True, "said": True, "nominate": True},
    ],
    "told": [TOLD, TOLD | {"for_all": True}, TOLD | NOT_TOLD],
    "told_list": [
        {"rounds": [{"round": 7, "label": "Foster Carer Health Check · May 2026"}], "more": more}
        for more in (False, True)
    ]
    + [{"rounds": [], "more": False}],
    "tap_again": [{"invitation_id": None}, INVITED],
    "thread_answer": [
        {"text": "Yes, do bring a cake.\nSee you there & then.", "name": "Priya", "role": role}
        for role in ("coordinator", "social_worker", "manager", "administrator")
    ],
    "toast_feedback_given": NOTHING,
    "toast_join": [
        {"door": door, "opens_at": SOON if door == "early" else None}
        for door in ("early", "no_link", "not_online", "over", "cancelled", "withdrawn", "not_yours")
    ],
    "toast_old_button": NOTHING,
    "toast_rsvp": TOAST_RSVP,
    "toast_seen": NOTHING,
    "toast_speaks": [{"name": "Jo"}],
    "toast_survey_over": NOTHING,
    "toast_survey_required": NOTHING,
    "toast_survey_wrong": NOTHING,
    "unknown_person": [{}, {"urgent": True}],
    "welcome": [{"first_name": "Amal"}],
    "welcome_again": [{"first_name": "Amal", "back": False}, {"first_name": "Amal", "back": True}],
    "went_wrong": NOTHING,
}
