-- noqa: disable=LT02
-- One pattern under the other, in the order in which they are applied. Words with two spellings get one key: labour,
-- paediatric, counselling, programme; organisation; enrolment; centre; defence; and what is written as one word or as
-- two.
select
    trim(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
                    {{ function('plain_words') }}(title),
                    '\b([a-z]*)men\b', '\1man', 'g'),
                '\b([a-z]*wi)ves\b', '\1fe', 'g'),
                '\b([a-z]{2,})ies\b', '\1y', 'g'),
                '\b([a-z]*(?:ss|x|ch|sh|zz))es\b|\b([a-z]+[^\W\d_siu])s\b', '\1\2', 'g'),
            '\b(?:((?:lab|col|behavi|harb|neighb|hon|flav|arm|vap|tum|m)o)u(r|ld)'
            || '|(orthop|p|an|gyn|h|arch|leuk)a(e(?:d|sth|c|m|o))'
            || '|(counsel|travel|model|label|level|panel|tunnel|fuel|marshal|jewel)l(ing|ed|er|or)\b'
            || '|(program|catalog|dialog|analog)(?:me|ue)\b)', '\1\2\3\4\5\6\7', 'g'),
            '\b([a-z]+i)s(ation(?:al)?)\b|\b((?:organ|optim|special|util|visual)i)s(e[dr]?|ing)\b', '\1\3z\2\4', 'g'),
            '\b(enrol|fulfil|instal)(ment)\b', '\1l\2', 'g'),
            '\b(cent|theat|fib|(?:kilo|centi|milli)met)re\b', '\1er', 'g'),
            '\b(licen|defen)ce\b', '\1se', 'g'),
            '\b(co|health|child|day|key|front|back|full|cyber|e|book|house|care|fork|post|pre|dev|data)'
            || ' (ordinat\w+|care|holder|end|stack|security|commerce|keep\w+|taker|giver|lift|doc|school|op)\b',
            '\1\2', 'g'),
            '\bsale person\b', 'salesperson', 'g')
    )
