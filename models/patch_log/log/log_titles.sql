select
    title_id,
    max(patch_seq) as last_patch_seq,
    max_by(patch_id, (patch_seq, patch_id)) as last_patch_id,
    list(distinct substr(author, 6) order by substr(author, 6)) filter (
        starts_with(author, 'rule:') and not is_undone
    ) as rules,
    any_value(decision) filter (not is_undone and not is_superseded) as decision
from {{ ref('log_patches') }}
group by title_id
