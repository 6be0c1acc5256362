select least(coalesce(last_patch_seq, 0), 9223372036854000000) + nth
