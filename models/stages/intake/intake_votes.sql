-- A second way to find the occupation, which ignores the packet's own title: how far each of its words, judged by all
-- other known titles of the source, speaks for an occupation.
with
sources as (
    select distinct source_id from {{ ref('known_titles') }}
),

packets as (
    select
        packets.packet_id,
        packets.match_key,
        sources.source_id
    from {{ ref('intake_packets') }} as packets
    cross join sources
),

words as (
    select
        packet_id,
        source_id,
        match_key,
        unnest(list_distinct(string_split({{ function('ungraded_key') }}(match_key), ' '))) as word
    from packets
),

-- The title's own share of each word, which is not counted.
own as (
    select
        match_key,
        source_id,
        list(distinct source_ref) as source_refs
    from {{ ref('known_titles') }}
    group by match_key, source_id
),

spoken as (
    select
        words.packet_id,
        words.source_id,
        spoken.source_ref,
        -- A sum of decimals is the same in any order.
        sum((
            known.weight
            * (spoken.titles - coalesce(list_contains(own.source_refs, spoken.source_ref), false)::int)
            / greatest(spoken.phrase_titles - coalesce(len(own.source_refs), 0), 1)
        )::decimal(18, 6)) as vote
    from words
    inner join {{ ref('word_weights') }} as known on words.word = known.word
    inner join {{ ref('occupation_phrases') }} as spoken
        on words.word = spoken.phrase and words.source_id = spoken.source_id
    left join own on words.match_key = own.match_key and words.source_id = own.source_id
    group by words.packet_id, words.source_id, spoken.source_ref
)

select
    packet_id,
    source_ref,
    round(vote, 2)::double as vote,
    round(max(vote) over (partition by packet_id, source_id), 2)::double as best_vote,
    -- Of equal votes the first by name.
    first_value(source_ref) over (partition by packet_id, source_id order by vote desc, source_ref) as best_source_ref
from spoken
