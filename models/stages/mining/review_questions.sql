{{ config(post_hook=stage_as_page('hold_mining_v1_review')) }}

-- depends_on: {{ ref('review_occupations') }}
-- (what the page searches)

-- To keep the page small and fast to open, it asks about the first titles of the sheet, up to a megabyte, without those
-- that would take the room of many others. Titles that are decided leave the sheet, and others move up.
with
{%- set most_titles, most_characters, most_of_one = 500, 1000000, 10000 %}

questions as (
    select
        review.title_id,
        review.title,
        mined.source_title,
        cleaning.company,
        cleaning.location,
        review.choices
    from {{ ref('hold_mining_v1_review') }} as review
    inner join {{ ref('hold_mining_v1') }} as mined on review.title_id = mined.title_id
    inner join {{ ref('titles_to_clean') }} as cleaning on review.title_id = cleaning.title_id
),

measured as (
    select
        *,
        length(to_json(questions)::varchar) as size,
        row_number() over by_id as position,
        sum(size) over by_id as characters
    from questions
    where size <= {{ most_of_one }}
    window by_id as (order by title_id)
)

select
    * exclude (size, characters, choices),
    -- Sorted by a hash, so that position reveals neither score nor source.
    list_transform(
        list_sort(list_transform(choices, lambda choice: sha256(title_id || choice) || choice)),
        lambda choice: choice[65:]
    ) as choices
from measured
where position <= {{ most_titles }} and characters <= {{ most_characters }}
