### Words that mails and pages share: names of roles, labels of fields and buttons, dates and durations.
###
### How to write for every file of this folder:
### - One message is one sentence or label, in plain text. No markup: the template escapes and decorates.
### - Use the typographic apostrophe (’) and quotation marks of the language.
### - A variable stands for text as a person wrote it. Build sentences so that nothing has to agree with it in
###   gender or number, and no article or elision depends on its first letter.
### - Every language has the same messages with the same variables; a test compares them.

## Names of the four roles every organisation has. They follow "with the role".
## Names of other roles are the organisation's own words and are not translated.

role-owner = owner
role-admin = administrator
role-member = member
role-guest = guest

## Labels of form fields, and the hints below them.

field-name = Your name
field-name-hint = As others in the organization will see it.
field-email = E-mail address
field-password = Password
field-password-new = New password
# $min, $max (Number): the length allowed, in characters.
field-password-hint = { $min } to { $max } characters. A few unrelated words make a good password.
field-password-repeat = Repeat the password

## Labels of buttons.

# $organization (Text): name of the organisation.
button-join = Join { $organization }
button-create-account = Create the account and join
button-decline = Decline the invitation
button-sign-in = Sign in
button-sign-in-join = Sign in and join
button-sign-out-continue = Sign out and continue
button-continue = Continue
button-save-password = Save the password
button-show-password = Show password
button-hide-password = Hide password
button-request-link = Ask for a new link

## Dates. The clock has 24 hours in every language, so that no reader has to guess.

# $month (Number): 1 to 12.
date-month =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }

# $weekday (Number): 1 is Monday, 7 is Sunday.
date-weekday =
    { $weekday ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    }

# $weekday, $month (Text): the names above. $day, $year (Number).
# It is used after "on" and "until".
date-day = { $weekday }, { $day } { $month } { $year }

# $month (Number): 1 to 12. For axes and columns of figures, where there is little room.
date-month-short =
    { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    }

# $day (Number). $month (Text): the short name above.
date-short = { $day } { $month }

# $date (Text): the message above. $time (Text): like 14:05. $zone (Text): like UTC or UTC+1.
date-time = { $date } at { $time } { $zone }

## Durations. $count (Number).

duration-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
duration-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
duration-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
duration-seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }

# $first, $second (Text): two of the durations above, the longer unit first.
duration-two-units = { $first } and { $second }
