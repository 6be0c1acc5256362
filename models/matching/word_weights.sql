select
    word,
    any_value(keys_with_word) as keys_with_word,
    any_value(weight) as weight
from {{ ref('evidence_words') }}
group by word
