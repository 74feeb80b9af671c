### The words of the console's dashboard. The rules for writing stand at the top of common.ftl.

## At a glance.

# The name of the row of figures.
dashboard-figures = At a glance
dashboard-open = Open now
# $count (Number): invitations.
dashboard-suspended =
    { $count ->
        [one] { $count } more is on hold
       *[other] { $count } more are on hold
    }
# $count (Number): weeks, more than one.
dashboard-accepted = Accepted in the last { $count } weeks
# $percent (Number): how many of the invitations that came to an end were accepted.
dashboard-rate = { $percent }% of those answered or expired
dashboard-rate-none = None answered or expired yet
# How long it takes until an invitation is accepted.
dashboard-median = Time to accept
dashboard-median-text = Median: half were faster
dashboard-median-none = Nobody has accepted yet
# $count (Number): days, more than one.
dashboard-expiring = Expiring within { $count } days
dashboard-expiring-see = See which
# Messages that were given up.
dashboard-undelivered = Messages not delivered
dashboard-undelivered-see = See why
dashboard-undelivered-none = Nothing is stuck

## Plots.

dashboard-flow = From issue to acceptance
dashboard-outcomes = How they ended
dashboard-series-issued = Issued
dashboard-series-sent = Sent
dashboard-series-accepted = Accepted
dashboard-series-declined = Declined
dashboard-series-expired = Expired
# $label (Text): one of the series above. $count (Number): how many.
dashboard-pair = { $label }: { $count }
# What a screen reader says of a plot. $from, $until (Text): short dates of the first and the last week. $pairs (Text): the messages above, with commas between.
dashboard-plot-text = Bars by week, from the week of { $from } to that of { $until }. In total: { $pairs }. The same numbers stand in the table below.
# $date (Text): the short date of a Monday.
dashboard-week-of = Week of { $date }
# $zone (Text): a time zone like Europe/Paris.
dashboard-weeks-text = A week begins on Monday, in the time zone { $zone }. The shaded one is still running. An invitation that is sent again counts as sent once more.
dashboard-numbers = Show the numbers
dashboard-numbers-caption = What happened, week by week
# The heading of the column of weeks.
dashboard-week = Week of
# Behind the date of the running week.
dashboard-week-running = so far
dashboard-total = In total

## What expires soon.

# $count (Number): days, more than one.
dashboard-soon-none = No open invitation expires within { $count } days.
# $count (Number): how many more there are than the table shows.
dashboard-soon-more =
    { $count ->
        [one] { $count } more is not in this table.
       *[other] { $count } more are not in this table.
    }
dashboard-soon-all = All open invitations, ending soonest first

## Where nothing happened yet.

dashboard-empty = Nobody is invited yet
dashboard-empty-text = Invite the first people. From then on you see here who was invited, who has accepted, and which invitations expire soon.
# To who may not issue.
dashboard-empty-wait = Once somebody issues the first invitation, you see here what becomes of it.
