-- What a stage reads of the replay: titles as they were published and verified.
select
    {%- for member in title_members() %}
    {{ member_value(member, 'json_extract(text, ' ~ member_pointer(member.name) ~ ')') }} as {{ member.name }},
    {%- endfor %}
    json_extract(text, '/attributes') as attributes,
    text ->> '/runtime_lane' as runtime_lane,
    text ->> '/lane_rule_id' as lane_rule_id,
    json_array_length(text, '/patches_rejected') as rejections
from {{ source('published', 'lines') }}
where file <> 'semantic_patch_replay_v1_patch_outcomes'
