-- What a stage reads of the replay: titles as they were published and verified.
with
read_members as (
    select
        text,
        json_extract_string(text, [
            {%- for member in title_members() %}
            {{ member_pointer(member.name) }}{{ "," if not loop.last }}
            {%- endfor %}
        ]) as texts
    from {{ source('published', 'lines') }}
    where file <> 'semantic_patch_replay_v1_patch_outcomes'
)

select
    {%- for member in title_members() %}
    {%- set value = 'texts[' ~ loop.index ~ ']' %}
    {{ "json_extract_string(" ~ value ~ ", '$[*]')" if member.kind == 'list' else value }} as {{ member.name }},
    {%- endfor %}
    json_extract(text, '/attributes') as attributes,
    text ->> '/runtime_lane' as runtime_lane,
    text ->> '/lane_rule_id' as lane_rule_id,
    json_array_length(text, '/patches_rejected') as rejections
from read_members
