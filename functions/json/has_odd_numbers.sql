select regexp_matches(json, '(?:^|[\[,:\s])-?(?:[0-9]+[.eE]|0)')
