select occupation_title || ' (' || evidence_title || ', score ' || score || ')'
