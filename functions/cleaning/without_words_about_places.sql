select
    regexp_replace(
        regexp_replace(
            place,
            '^(?:based (?:in|at) |in |near |the |greater '
            || '|(?:north|south|east|west|upper|lower|central|metro|downtown)(?:ern)? )+',
            ''
        ),
        '(?:[ -]based| metro(?:politan)?(?: area)?| area| region| county| city(?: center| centre)?| office'
        || '| territory| only| remote| hq| airport| position| role| candidates?| applicants?)+$',
        ''
    )
