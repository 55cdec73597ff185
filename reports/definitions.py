"""What every figure means, in words that are printed beside it."""

DEFINITIONS = {
    "deregistered_households": "Households whose approval ended in the year, 1 April to 31 March.",
    "change_on_previous_year": (
        "Households whose approval ended in the year less those whose approval ended in the year before "
        "(numerator), of those whose approval ended in the year before (denominator). The interval is that "
        "of the ratio of two counts."
    ),
    "change_on_same_days": (
        "In a year that is still running: households whose approval ended from 1 April to the data date less "
        "those whose approval ended on the same days of the year before (numerator), of those whose approval "
        "ended on the same days of the year before (denominator). The interval is that of the ratio of two "
        "counts."
    ),
    "deregistration_rate": (
        "Households whose approval ended in the year, of all households approved at any time in it."
    ),
    "end_route": "Households whose approval ended in the year by this route, of all that ended in the year.",
    "end_reason": (
        "Households whose approval ended in the year and that gave this reason, of all that ended in the "
        "year. A household may give several reasons."
    ),
    "left_within_2_years": (
        "Households that left before the second anniversary of their approval, of all whose approval ended "
        "in the year."
    ),
    "left_after_10_years": (
        "Households that left on or after the tenth anniversary of their approval, of all whose approval "
        "ended in the year."
    ),
    "leavers_by_years_fostered": (
        "Households that left so many years after their approval, of all whose approval ended in the year: "
        "before the second anniversary; from then to before the fifth; from then to before the tenth; on or "
        "after the tenth."
    ),
    "leavers_over_50": (
        "Households whose main carer was 50 or older, by the year of leaving less the year of birth, of "
        "those whose approval ended in the year and whose main carer's year of birth is known."
    ),
    "leavers_by_age_band": (
        "Households whose main carer was of this age, by the year of leaving less the year of birth, of all "
        "whose approval ended in the year, those whose main carer's year of birth is not known among them."
    ),
    "leaving_rate_by_age_band": (
        "Households whose approval ended in the year, of all approved at any time in it, by the main carer's "
        "age: the year of leaving, or for those who stayed the year in which the period ends, less the year "
        "of birth."
    ),
    "retention_at_years": (
        "The share of households still approved so many years after approval: product-limit (Kaplan-Meier) "
        "with delayed entry from the day since which the register is complete, watched until the end of the "
        "year. The denominator is all households watched, the numerator those that were not seen to leave "
        "within so many years; because they are watched for different spans the share is not their quotient."
    ),
    "households_at_risk": (
        "Households that were still approved at that age at a time when the register was complete. The age "
        "is counted in years after approval or, for those engaged and not, after the first anniversary of "
        "it. An estimate of how many stay rests on these numbers: where they "
        "are small, and they are smallest in the first years if the register begins late, one household "
        "moves all of the curve that follows."
    ),
    "engaged_in_first_year": (
        "Households of which a carer attended an event before the first anniversary of approval, of all "
        "whose first anniversary lay between the day since which the register is complete and the end of "
        "the year and that were approved on it. Households approved before attendance was recorded are not "
        "counted, for nobody knows."
    ),
    "retention_after_first_year": (
        "The share of households still approved so many years after the first anniversary of their approval, "
        "parted by whether a carer attended an event before that day: product-limit (Kaplan-Meier) with "
        "delayed entry, watched until the end of the year. Households that left before their first "
        "anniversary are in neither group, and those approved before attendance was recorded are in neither. "
        "The denominator is all households of the group that were watched, the numerator those not seen to "
        "leave within so many years; the share is not their quotient. A difference is no proof that coming "
        "keeps anybody."
    ),
    "engaged_log_rank": (
        "The log-rank test of whether households engaged in their first year and those not engaged leave at "
        "the same rate after their first anniversary, each compared with those under watch at the same "
        "age, until the end of the year. The value is p: how often chance alone would part them at least so "
        "far. The numerator is the leavers among the engaged, the denominator the leavers of both groups; p "
        "is not their quotient. A small p is no proof that coming keeps anybody."
    ),
    "mockingbird_share": (
        "Households in a Mockingbird constellation, of all households approved at the end of the year's last "
        "day. Membership is today's: the register keeps no earlier one."
    ),
    "reachable_share": (
        "Carers to whom the service can write in the app (connected, not stopped, not blocked) or, where it "
        "sends email, whose address takes it (not stopped), of all carers of households approved at the end "
        "of the year's last day."
    ),
    "invitations": "Parties (carers, or households that answer as one) invited to events of the year.",
    "rsvp_rate": "Parties that gave any answer, of all parties invited to events of the year.",
    "attendances": "Attendances recorded at events of the year, each carer at each event once.",
    "carers_who_attended": "Different carers who attended at least one event of the year.",
    "training_places": "Attendances recorded at training events of the year.",
    "training_carers": "Different carers who attended at least one training event of the year.",
    "survey_response_rate": (
        "People who took part, of all who were asked, in survey rounds that closed in the year."
    ),
    "survey_response_by_survey": (
        "People who took part, of all who were asked, in rounds of this survey that closed in the year. Who "
        "was asked in two rounds counts twice."
    ),
    "survey_theme": (
        "Favourable answers to the questions of one theme, of all answers that those who took part could "
        "give to them, in rounds of this survey that closed in the year; a question that was left out was "
        "not answered favourably. Several rounds are added together where the theme is shown of each; else "
        "it is the latest of which it is shown. What one person answers goes together: the interval counts "
        "people and not answers."
    ),
    "actions_done": (
        "Actions about what carers said (“You said, we did”) that were done in the year, of all that were "
        "noted, due or settled in it; found not possible is settled and not done. They are undertakings of "
        "the service: no person is counted."
    ),
    "not_seen_for_two_quarters": (
        "Carers who attended no event in the last six months of the year, of all carers of households "
        "approved throughout those months."
    ),
}
"""By figure id. "The year's last day" is today in a year that is still running."""
