-- The engine writes no number with a zero before it, and none below 2.
select nullif(regexp_extract(patch_id, '(?s)^(.+)~(?:[2-9]|[1-9][0-9]{1,17})$', 1), '')
