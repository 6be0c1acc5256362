select
    regexp_replace(
        regexp_replace(
            match_key,
            -- Not a grade in lead generation, junior high school, senior living, graduate admissions.
            '^(?:(?:senior|sr|junior|jr|principal|associate) )?'
            || '((?:lead (?:gen|generation|qualification|conversion|nurturing|management|abatement|paint)'
            || '|junior (?:high|college)|senior (?:living|center|citizen|housing)'
            || '|graduate (?:medical|school|admission|education|study))\b)'
            || '|^(?:(?:supervisory|newly qualified|senior|sr|junior|jr|lead|principal|staff|experienced'
            || '|(?:entry|mid|senior) level|mid|middle senior|associate|graduate|apprentice'
            || '|(?:student )?(?:trainee|intern)) )+',
            '\1'
        ),
        '(\b(?:tech|technical|team|shift|crew|floor) lead)?'
        || '(?: (?:i|ii|iii|iv|v|[1-5]|level [1-5]|trainee|lead|senior|junior|entry level|intern'
        || '|internship|traineeship|graduate|working student|student trainee'
        || '|(?:(?:higher|degree|modern|level [2-7]) )?apprentice(?:ship)?(?: program)?|learnership))*$',
        '\1'
    )
