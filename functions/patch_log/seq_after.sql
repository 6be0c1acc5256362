select least(coalesce(last_patch_seq, 0), 9223372036854775807 - nth) + nth
