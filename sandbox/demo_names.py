"""Invented people of the demo. Any likeness to somebody is chance; nobody here is or stands for a child."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = {
    "en": _names(
        "Alison Andrew Angela Barbara Beverley Brian Carol Caroline Catherine Christine Clive Colin "
        "Dawn Deborah Denise Derek Diane Donna Elaine Fiona Gail Gary Gillian Graham Hazel Heather "
        "Helen Ian Jackie Janet Jean Jeff Jill Joanne Karen Keith Kevin Lesley Linda Lorraine Malcolm "
        "Margaret Martin Maureen Michelle Neil Nicola Nigel Pamela Patricia Pauline Peter Philip "
        "Rachel Ray Rosemary Sandra Sharon Shirley Stephen Susan Terry Theresa Tracey Trevor Valerie "
        "Wendy Yvonne Ade Blessing Chidi Comfort Delroy Grace Kofi Marcia Ngozi Precious Winston "
        "Agnieszka Danuta Marek Piotr Elena Ioana Mihai Rosa Tomas"
    ),
    "ur": _names(
        "Abida Asif Farah Imran Khalid Nasreen Nazia Parveen Rukhsana Saima Shabana Tariq Yasmin Zahid"
    ),
    "pa": _names("Amarjit Balbir Gurpreet Harjinder Jaswinder Kulwant Manjit Paramjit Ranjit Sukhdev"),
    "ar": _names("Ahlam Faisal Hanan Ibtisam Khadija Mahmoud Nadia Salma Samir Walid"),
}
LAST_NAMES = {
    "en": _names(
        "Abbott Ainsworth Bagshaw Barraclough Beaumont Birkett Booth Bradshaw Briggs Broadbent "
        "Cartwright Chadwick Clegg Copley Crossley Dawson Denton Earnshaw Fairhurst Firth Garside "
        "Greenwood Haigh Hardcastle Heaton Hepworth Hinchliffe Holroyd Horsfall Illingworth Jagger "
        "Kaye Lockwood Lumb Marsden Micklethwaite Naylor Oldroyd Peel Pickles Priestley Ramsden "
        "Rhodes Sagar Schofield Senior Shaw Sutcliffe Sykes Thackray Thornton Uttley Varley Wadsworth "
        "Walshaw Whiteley Wormald Adeyemi Boateng Campbell Mensah Nwosu Okoro Francis Kowalczyk Nowak "
        "Zielinska Popescu Marin Ferreira Novak"
    ),
    "ur": _names("Ahmed Akhtar Begum Hussain Iqbal Mahmood Malik Rafiq Shah Siddiqui"),
    "pa": _names("Bains Dhillon Gill Grewal Sandhu Sidhu"),
    "ar": _names("Al-Hashimi Haddad Mansour Nasser Saleh"),
}
SOCIAL_WORKERS = (
    "Tessa Whitlock",
    "Omar Farouk",
    "Bridget Nolan",
    "Callum Rae",
    "Sunita Patel",
    "Hannah Frost",
    "Daniel Osei",
    "Louise Tranter",
)
COORDINATOR, MANAGER, ADMINISTRATOR = "Meera Dunn", "Gwen Hartley", "Alex Pike"

MESSAGES = (
    "Thank you for Saturday, we all had a lovely time.",
    "Is there parking at the Riverside Community Centre?",
    "Could someone ring me about the training in spring? Any afternoon is fine.",
    "I have a new mobile number, how do I tell you?",
    "The breakfast was a real treat. Please thank the team.",
    "Can my sister come along to the coffee afternoon? She is thinking of fostering.",
    "Sorry I missed the forum, my car broke down. Will there be notes?",
    "Would it be possible to have a support group at weekends?",
)
"""What carers wrote to the service, the latest first."""

ANSWERS = {
    4: "So glad you enjoyed it. I have passed your thanks on.",
    5: "She is very welcome. Just tell us how many you will be.",
    6: "There are, I will send them to you this week. I hope the car is mended.",
    7: "We are asking everybody in the next survey. Thank you for the idea.",
}
"""By their place above, what staff answered."""

REMARKS = (
    "Thank you, see you there.",
    "Looking forward to it!",
    "Sounds lovely, thanks.",
    "Is there parking?",
)
"""What a carer may write besides a tap while the demo runs."""

FEEDBACK = (
    "Lovely to see everyone.",
    "Really useful, thank you.",
    "A bit short, but good.",
    "The room was rather cold.",
    "Please do it again.",
)
SURVEY_COMMENTS = {
    "help": (
        "More notice before meetings would help.",
        "Someone to ring at weekends who knows us.",
        "Mileage paid more quickly.",
        "Respite that we can book ahead.",
        "Just keep doing the coffee afternoons.",
        "More training in the evenings.",
        "To be told sooner when plans change.",
        "A buddy in my first year would have been great.",
        "Nothing really, I feel well supported.",
        "Listen to us at reviews. We know how things are at home.",
        "Clearer letters about allowances.",
        "Meeting other carers of teenagers.",
        "A weekend away now and then, without having to beg for it.",
        "One person to ring, not three.",
        "Ask us before a move, not after.",
        "Our social worker is a star. Please keep her.",
        "Shorter forms.",
        "Training near us, there is no bus on Saturdays.",
        "Somebody to talk to on the day of a hard meeting.",
        "That the managers come to the support group once in a while.",
        "Say thank you more often.",
        "More outings for the whole family.",
        "A list of who does what in the team.",
        "Answers to emails within the week.",
        "Help with the school run when we have appointments.",
        "Being told what has been tried before.",
        "A carers' room at the office.",
        "I would like to hear how families get on after they leave us.",
        "Fewer changes of social worker.",
        "Allowances that keep up with the price of food.",
        "A walk-in hour, like there used to be.",
        "Keep the hybrid meetings, I cannot get out in the evening.",
        "More from carers who have done it for twenty years.",
        "Sunday breakfast was lovely. Again please.",
        "Better pay for the nights that go wrong.",
        "A proper handover.",
    ),
    "what_if": ("More breaks in the last two years.", "Told us sooner that help was on its way."),
    "went_well": (
        "The other carers, always.",
        "The training.",
        "Our social worker, to the last day.",
    ),
    "change": ("A smaller room.", "Tell us beforehand who will sit there.", "Start on time."),
    "next": ("More time for questions.", "How to talk with schools."),
}
"""By the question of a survey, what carers wrote; each is said once."""
END_REASONS = (
    "retirement",
    "personal_circumstances",
    "moved_to_another_service",
    "change_in_household",
    "moved_away",
    "adoption_or_special_guardianship",
    "work_commitments",
)
AREAS = ("North", "South", "East", "West", "Central")
