"""How the figures are made, in the words that stand at the end of every document."""

METHOD = (
    (
        "Years",
        "A year runs from 1 April to 31 March. A household that leaves on a day is not approved at that "
        "day's end. While a year is still running its last day is the data date, and what it is compared "
        "with is the same days of the year before.",
    ),
    (
        "Intervals",
        "A 95% interval is the range that chance alone would leave a share in, 19 times out of 20. Shares "
        "have Wilson's score interval. A change between two counts has the interval of their ratio. Whether "
        "chance can make the difference between two shares is judged by Newcombe's interval of it. A small "
        "service has wide intervals; that is no fault of its own.",
    ),
    (
        "How long households stay",
        "Estimated by the product limit (Kaplan-Meier) with delayed entry: households that left before the "
        "register was complete are not in it, so every household counts as watched only from the age that "
        "it had on that day. A plain curve would flatter. The band is Greenwood's, on the log(-log) scale, "
        "and the households under watch at each age stand under the curve.",
    ),
    (
        "Taking part in the first year",
        "Only households still approved at their first anniversary are compared, and they are timed from "
        "there; otherwise those that stay longer would have had more time to come. The test is the log-rank "
        "test. It does not say why two groups part.",
    ),
    (
        "Words of the service",
        "Under “What the service says” are words that staff wrote. A number among them that the data do not "
        "say, and that its writer kept, is named as typed by hand.",
    ),
    (
        "The public version",
        "It leaves out every number that could point at fewer than five people, and others beside it from "
        "which it could be worked out: totals, denominators and earlier years among them. Of the households "
        "under watch it gives only the number at the beginning: the later ones, set beside another year's "
        "report, would tell how many left in between. The two numbers beside an estimate are those of the "
        "tables of the years, and may be a few more or fewer than were under watch.",
    ),
)
"""(What it is about, what is done.)"""
