-- What a stage reads of the replay: the lane's file as it was published and verified.
select
    {%- for member in title_members() %}
    {{ published_member(member) }} as {{ member.name }},
    {%- endfor %}
    text ->> '/runtime_lane' as runtime_lane,
    text ->> '/lane_rule_id' as lane_rule_id,
    json_array_length(text, '/patches_rejected') as rejections
from {{ source('published', 'lines') }}
