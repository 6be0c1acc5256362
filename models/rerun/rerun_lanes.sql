{{ lanes_of(ref('rerun_titles')) }}
