select
    regexp_replace(
        regexp_replace(
            place,
            '^(?:based (?:in|at) |in |near |the |greater |(?:remote|hybrid|on-?site)[ -]+'
            || '|(?:north|south|east|west|upper|lower|central|metro|downtown|midtown|uptown)(?:ern)? )+',
            ''
        ),
        '(?:[ -]based| metro(?:politan)?(?: area)?| area| region| county| city(?: center| centre)?| office'
        || '| territory| only|[ -](?:remote|hybrid|on-?site)| hq| airport| position| role| candidates?| applicants?'
        || '| cmht| ooh| acht| crht+| pcn| cldt| locality| cluster| hub| sites?)+$',
        ''
    )
