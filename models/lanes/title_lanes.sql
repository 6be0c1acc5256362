{{ lanes_of(ref('replayed_titles')) }}
