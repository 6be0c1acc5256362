"""The SQL functions, each called on its own."""

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from compiled import DATABASE, function, in_order
from conftest import PARSED, parsed_once
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder
from jinja2 import Template

from aina_data_engine.root import PROJECT


@pytest.fixture(scope="module")
def parsed() -> list[dict[str, Any]]:
    content = (parsed_once() / PARSED).read_bytes()
    manifest = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    letters = manifest.macros["macro.aina_data_engine.letters"].macro_sql
    functions = in_order({key: node.to_dict() for key, node in manifest.functions.items()})
    for node in functions:
        node["code"] = Template(letters + node["raw_code"]).render(function=str)
    return functions


@pytest.fixture(scope="module")
def functions(parsed: list[dict[str, Any]]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"attach ':memory:' as {DATABASE}; use {DATABASE}")
        for node in parsed:
            arguments = [argument["name"] for argument in node["arguments"]]
            connection.execute(function(node["name"], arguments, node["code"]))
        yield connection


STATE = {
    "document": "[['t1'], ['a', 'b']]",
    "committed": "[]",
    "taken": "[]",
    "code": "null",
    "op_index": "null",
    "outcomes": "[]",
}
STEP = {
    "replay_position": "7",
    "op_index": "2",
    "action": "'splice'",
    "member": "2",
    "start": "0",
    "span": "1",
    "items": "['c']",
    "error": "null",
}


def after(member: str, state: dict[str, str] | None = None, **step: str) -> str:
    """Return SQL for a member of the state after a step; given is what differs from the above."""

    return (
        f"replay_step({struct(STATE | (state or {}))}, {struct(STEP | step)}, [['first']]).{member}"
    )


def failing(*steps: dict[str, str], brought: str) -> str:
    """Return SQL for the failures of a part: what differs from the above, and what each expects."""
    checks = ", ".join(struct({"step": struct(STEP | step), "place": "1"}) for step in steps)
    return f"part_failure([{checks}], {STATE['document']}, [{brought}])"


def struct(values: dict[str, str]) -> str:
    return f"struct_pack({', '.join(f'{name} := {sql}' for name, sql in values.items())})"


FAILED = {"code": "'test_failed'", "op_index": "1"}
COMMIT = "'commit'"

CALLS = {
    "a part of a list would begin one too early or late": (
        "list_part(['a', 'b', 'c'], 1, 1)",
        ["b"],
    ),
    "a whole member would be cut short": ("list_part(['a', 'b', 'c'], 0, null)", ["a", "b", "c"]),
    "an element would overwrite the one at its place": (
        "list_splice(['a', 'b'], 1, 0, ['x'])",
        ["a", "x", "b"],
    ),
    "an element for the end would stand before it": (
        "list_splice(['a', 'b'], null, 0, ['x'])",
        ["a", "b", "x"],
    ),
    "what is replaced whole would keep its tail": (
        "list_splice(['a', 'b'], 0, null, ['x'])",
        ["x"],
    ),
    "what is removed would leave a null": ("list_splice(['a', 'b'], 0, 1, [])", ["b"]),
    "the rest of a document would not survive a splice": (
        after("document"),
        [["t1"], ["c", "b"]],
    ),
    "a patch would go on after its first error": (
        after("document", FAILED),
        [["t1"], ["a", "b"]],
    ),
    "a change would be told of another member, or of none": (
        "changed_members([['t1'], ['a'], [], ['c']], [['t1'], ['b'], [], []])",
        [
            {"member": 2, "before": ["a"], "after": ["b"]},
            {"member": 4, "before": ["c"], "after": []},
        ],
    ),
    "a part would go on with an index past the end": (
        failing({"start": "1"}, {"start": "2", "op_index": "3"}, brought="['c']"),
        {"op_index": 3, "code": "path_not_found"},
    ),
    "a part would be told of its last failure": (
        failing({"error": "'value_invalid'"}, {"start": "9", "op_index": "3"}, brought="['c']"),
        {"op_index": 2, "code": "value_invalid"},
    ),
    "a part would put null into a list": (
        failing({}, brought="[]"),
        {"op_index": 2, "code": "value_invalid"},
    ),
    "a part's test of another order would pass": (
        failing({"action": "'test'", "span": "null"}, brought="['b', 'a']"),
        {"op_index": 2, "code": "test_failed"},
    ),
    "a part would fail by a test that matches": (
        failing({"action": "'test'", "span": "null"}, brought="['a', 'b']"),
        None,
    ),
    "the first error would be lost to a later one": (
        after("code", FAILED, error="'op_invalid'"),
        "test_failed",
    ),
    "an error would be told of another operation": (
        after("op_index", FAILED),
        1,
    ),
    "an index past the end would write there": (after("code", start="3"), "path_not_found"),
    "the end of a list would be out of range": (
        after("document", start="null", span="0"),
        [["t1"], ["a", "b", "c"]],
    ),
    "null would stand in a list": (
        after("code", items="null"),
        "value_invalid",
    ),
    "a test of another order would pass": (
        after("code", action="'test'", span="null", items="['b', 'a']"),
        "test_failed",
    ),
    "a copy would take an element out": (
        after("document", action="'take'"),
        [["t1"], ["a", "b"]],
    ),
    "a move would leave the element where it was": (
        after("document", action="'cut'"),
        [["t1"], ["b"]],
    ),
    "a move would bring nothing": (after("taken", action="'cut'"), ["a"]),
    "half of a failed first patch would stay": (
        after("document", FAILED, action=COMMIT),
        [["first"]],
    ),
    "a failed patch would take a former one with it": (
        after("document", FAILED | {"committed": "[['kept']]"}, action=COMMIT),
        [["kept"]],
    ),
    "the next patch would fail for the error of this one": (
        after("code", FAILED, action=COMMIT),
        None,
    ),
    "a patch that changes nothing would count as applied": (
        after("outcomes[1].has_changed", {"committed": "[['t1'], ['a', 'b']]"}, action=COMMIT),
        False,
    ),
    "an acronym would keep a title from its evidence": (
        "match_key('Chief Executive Officer (CEO)')",
        "chief executive officer",
    ),
    "accents would make another job": ("match_key('Maître d’hôtel')", "maitre hotel"),
    "a woman's form beside a man's would find nothing": (
        "[single_form(title) for title in ['Technicien.ne en automatisation',"
        " 'Ingénieur·e principal·e',"
        " 'Coordonnateur.trice.s', 'Chargé-e de projet', 'Assistant(e)s', 'Directeur (-trice)',"
        " 'Engenheira(o) de IA', 'Supervisor (a)', 'MÉDICO(A)', 'Ejecutivo/a', 'OPERARIO/A',"
        " 'Profesores/as',"
        " 'Coordinador-a', 'Verkäufer*in', 'Mitarbeiter:in', 'Anlagenführer/in', 'LehrerInnen',"
        " 'Angestellte/r', 'Kaufmann/-frau', 'Medewerk(st)er', 'Prodavač/ka', 'Vânzător/oare',"
        " 'Πωλητής/τρια', 'Agent d’entretien', 'Addetto all’accoglienza']]",
        [
            "Technicien en automatisation",
            "Ingénieur principal",
            "Coordonnateur",
            "Chargé de projet",
            "Assistant",
            "Directeur",
            "Engenheira de IA",
            "Supervisor",
            "MÉDICO",
            "Ejecutivo",
            "OPERARIO",
            "Profesores",
            "Coordinador",
            "Verkäufer",
            "Mitarbeiter",
            "Anlagenführer",
            "Lehrer",
            "Angestellte",
            "Kaufmann",
            "Medewerker",
            "Prodavač",
            "Vânzător",
            "Πωλητής",
            "Agent entretien",
            "Addetto accoglienza",
        ],
    ),
    "what is of one form would lose its end": (
        "[single_form(title) = title for title in ['Check/in Agent', 'Supervisor/A',"
        " 'HVAC/R Technician',"
        " 'P.E. Teacher', 'Software Engineer (SE)', 'LinkedIn Manager', 'Drive-in Cook',"
        " 'Node.js Developer',"
        " 'Children’s Nurse', 'Manager-in-Training', 'Kitchen and/or Bar Staff']]",
        [True] * 11,
    ),
    "who learns, or assists a manager, would lead": (
        "list_transform(['director of sales', 'sales manager', 'intern to the director', 'cook'],"
        " lambda k: has_rank(k))",
        [True, True, False, False],
    ),
    "a manager would be given a director's evidence": (
        "list_transform(['director of sales', 'vp sales', 'sales manager', 'account manager',"
        " 'assistant to the director'], lambda k: rank_of(k))",
        [2, 2, 1, 0, 0],
    ),
    "a rank alone would be looked up as work": (
        "list_transform(['senior director', 'team lead', 'sales director'], lambda k: is_rank(k))",
        [True, True, False],
    ),
    "a director's work would not be found": (
        "list_transform(['director of sales', 'sales vp', 'senior case management manager'],"
        " lambda k: as_manager(k))",
        ["sales manager", "sales manager", "case manager"],
    ),
    "a C++ developer would be a C developer": ("match_key('C++ Developer')", "cplusplus developer"),
    "the Handbook's order of words would be another title": (
        "match_key('Supervisors, Fitting & Repair')",
        "fitting and repair supervisor",
    ),
    "titles in the plural would find nothing": (
        "match_key('Foremen, Secretaries and Bosses of Nurses')",
        "secretary and boss of nurse foreman",
    ),
    "what is spelt otherwise elsewhere would find nothing": (
        "match_key('Paediatric Labour Programme Counsellors, Anaesthetic Organisation')",
        "anesthetic organization pediatric labor program counselor",
    ),
    "a centre of defence would find nothing": (
        "match_key('Data Centre Enrolment Officer (Defence)')",
        "data center enrollment officer defense",
    ),
    "one word for two would find nothing": (
        "match_key('Front-End Health Care Co-ordinator, Sales Person')",
        "salesperson frontend healthcare coordinator",
    ),
    "the short way for letters alone would read a title otherwise": (
        "[plain_words(title) for title in ['Café In 24', 'Café  In 24', 'MitarbeiterIn Café']]",
        ["cafe in 24", "cafe in 24", "mitarbeiter cafe"],
    ),
    "what only looks like another spelling would be another word": (
        "match_key('Four Hour Programmer - Tour Centred')",
        "four hour programmer tour centred",
    ),
    "a grade would keep a title from its evidence": (
        "ungraded_key('senior entry level cook iii')",
        "cook",
    ),
    "a grade alone would be no title": ("ungraded_key('lead')", "lead"),
    "an apprenticeship would be no work": (
        "ungraded_key('network engineer degree apprenticeship program')",
        "network engineer",
    ),
    "who generates leads would lead generation": (
        "ungraded_key('senior lead generation specialist')",
        "lead generation specialist",
    ),
    "a junior high school would be a high school": (
        "ungraded_key('senior junior high school teacher')",
        "junior high school teacher",
    ),
    "a tech lead would be any tech": ("ungraded_key('senior tech lead ii')", "tech lead"),
    "small words would set titles apart": (
        "near_key('senior head of the kitchen')",
        "head kitchen",
    ),
    "what names the work would speak like any word": (
        "list_sort(phrases_in('head cook'))",
        ["* cook", "cook", "head", "head cook"],
    ),
    "half a word would count as shared": ("words_in('car sales', 'carpet sales')", ["sales"]),
    "half a word would not be missed": ("words_missing('car sales', 'carpet sales')", ["car"]),
    "a person would not see what matched, and how well": (
        "match_told('Baristas', 'Coffee Maker', 0.97)",
        "Baristas (Coffee Maker, score 0.97)",
    ),
    "an occupation without a code would have blanks in it": (
        "slug(' Cooks, Short-Order ')",
        "cooks-short-order",
    ),
    "an alternate title would outdo the occupation's own": (
        "kind_position('preferred') < kind_position('alternate')",
        True,
    ),
    "a phrase of one title would be loud": ("voice(1000, 1, 1) < voice(1000, 9, 9)", True),
    "half of the words would be all of them": ("dice(['a', 'b'], ['b', 'c'])", 0.5),
    "even odds would not be one half": ("match_score(0, 1, 2)", 0.5),
    "what is sure would look no surer": ("match_score(3, 1, 2) > match_score(3, 9, 2)", True),
    "a word said twice would count twice": ("agreement('a a b', 'b')", 0.6667),
    "text that is no JSON would be a clean row": ("is_json('{\"a\": NaN}')", False),
    "a trailing comma would pass for JSON": ("is_json('[1, ]')", False),
    "text that says NaN would go to quarantine": ('is_json(\'{"a": ", NaN"}\')', True),
    "a number would be written anew": ("has_odd_numbers('[1.10]')", True),
    "a number would be written anew where it stands behind another sign": (
        "list_transform(['{\"a\":\n1.10}', '[1, -0]', '[ 1e2]', ' 1.0'],"
        " lambda j: has_odd_numbers(j))",
        [True, True, True, True],
    ),
    "every text with digits would be taken apart": (
        """list_transform(['{"a": "1.10"}', '{"a": "of 1.10"}'], lambda j: has_odd_numbers(j))""",
        [False, False],
    ),
    "what is no number would pass for one where it stands behind another sign": (
        "list_transform(['{\"a\":\ninf}', '[1, -NaN]', '[ Infinity]', ' nan'],"
        " lambda j: is_json(j))",
        [False, False, False, False],
    ),
    "a text would be cut at an escaped quote": (
        """json_tokens('{"a\\"1":-1.50}')""",
        ["{", '"a\\"1"', ":", "-1.50", "}"],
    ),
    "a number and a text of its digits would be the same": (
        """spell_numbers('{"a":[1.10,"n1"]}')""",
        """{"sa":["n1.10","sn1"]}""",
    ),
    "what was spelled would stay so": (
        """unspell_numbers('{"sa":["n1.10","sn1"]}')""",
        """{"a":[1.10,"n1"]}""",
    ),
    "1.50 and 15e-1 would be two numbers": (
        "number_value('1.50', '150') = number_value('15e-1', '15')",
        True,
    ),
    "the last of many digits would not count": (
        "json_content('[10000000000000000.1]') = json_content('[10000000000000000.2]')",
        False,
    ),
    "the order of members would make another patch": (
        """json_content('{"a":1,"b":1.0}') = json_content('{"b":1e0,"a":1}')""",
        True,
    ),
    "a number would stand in a list of texts": (
        "[is_string_list('[\"a\"]'), is_string_list('[\"a\", 1]'), is_string_list('[]')]",
        [True, False, True],
    ),
    "a title of one no-break space would be served": ("is_blank(chr(160))", True),
    "a title of one letter would be blank": ("is_blank(' a ')", False),
    "a spreadsheet's no-break space would make another title": (
        "same_words(' head' || chr(160) || ' of sales ')",
        "head of sales",
    ),
    "a byte order mark, or a space of no width, would make another decision": (
        "same_words(chr(65279) || 'no' || chr(8203) || 'ne')",
        "none",
    ),
    "a key that stands twice would not be seen, at any length": (
        "[has_repeats(['a', 'b', 'a']), has_repeats(['a', 'b']), has_repeats([]),"
        " has_repeats(range(40)), has_repeats(range(40) || [7])]",
        [True, False, False, False, True],
    ),
    "what another list has too would stay": ("list_without(['a', 'b', 'a'], ['b'])", ["a", "a"]),
    "an operation on null would have no value": (
        "operation('test', '/hold_reason', null)::varchar",
        '{"op":"test","path":"/hold_reason","value":null}',
    ),
    "a proposal would have another id each time": (
        "proposal_id('case', 't1', json_array('x')) = proposal_id('case', 't1', json_array('x'))",
        True,
    ),
    "proposals for two titles would share an id": (
        "proposal_id('case', 't1', json_array('x')) = proposal_id('case', 't2', json_array('x'))",
        False,
    ),
    "what was made a third time would be of no patch": (
        "[again_base('p~3'), again_base('p~2~10')]",
        ["p", "p~2"],
    ),
    "an ending that the engine never writes would be cut off": (
        "list_transform(['p', 'p~x', 'p~1', 'p~02', '~2', 'p~', 'p~2\n'], lambda i: again_base(i))",
        [None] * 7,
    ),
    "the first of a patch's repetitions would have no number": (
        "[again_number('p'), again_number('p~3'), again_number('p~1'),"
        " again_number('p~100000000000000000')]",
        [1, 3, 1, 10**17],
    ),
    "a rule would not know its own patch made again, or somebody's by its ending": (
        "list_transform(['a-b-0123456789abcdef', 'a-0123456789abcdef~1234567890',"
        " 'a-0123456789abcdef~1', 'a-0123456789abcde', '-0123456789abcdef'],"
        " lambda i: rule_of_id(i))",
        ["a-b", "a", None, None, None],
    ),
    "a decline would not hold for what is proposed again, or for another patch of a person": (
        "list_transform(['a-0123456789abcdef~2', 'a-0123456789abcdef', 'a~2'],"
        " lambda i: declined_as(i))",
        ["a-0123456789abcdef", "a-0123456789abcdef", "a~2"],
    ),
    "what is made again would take an id that is taken": (
        "[again_id('p', null), again_id('p', 1), again_id('p', 3)]",
        ["p", "p~2", "p~4"],
    ),
    "a patch would come before the one it builds on": ("seq_after(7, 2)", 9),
    "a title without patches would have none": ("seq_after(null, 1)", 1),
    "an undo would come before what it undoes, or the last number end the run": (
        "[seq_after(9223372036854000001, 1), seq_after(9223372036854775805, 2),"
        " seq_after(9223372036854775807, 1)]",
        [9223372036854000002, 9223372036854775807, 9223372036854775807],
    ),
    "a rule's patch would count as a person's decision": (
        "[is_decision('review-0123456789abcdef~2'), is_decision('case-0123456789abcdef')]",
        [True, False],
    ),
    "of two choices the first would be attached": (
        "list_transform(['a = A', 'b', 'a = A b = B', 'a = A - no', 'None', 'none = a'],"
        " lambda written: is_one_choice(written, split_part(written, ' = ', 1), 'a = A', ['b']))",
        [True, True, False, False, True, False],
    ),
    "an undo would not find what it undid": ("undone_by(undoing(['a\"', 'b']))", ['a"', "b"]),
    "evidence would be taken for an undo": ("undone_by('reverts: nothing')", None),
    "an undo that was undone would still count": (
        "undone_ids([{'patch_id': 'b', 'undoes': ['a']}, {'patch_id': 'a', 'undoes': ['p']}], [])",
        ["a"],
    ),
    "an employer with a comma in its name would stay": (
        "letters_and_digits('Soma, Inc.')",
        "somainc",
    ),
    "an employer would be known by its full name alone": (
        "[is_name_of('Soma Inc', 'Soma, Inc. UK'), is_name_of('Soma', 'Somaesthetics'),"
        " is_name_of('NHB', 'North Hill and Bay NHS Trust'), is_name_of('HB', 'Hill Bay'),"
        " is_name_of('NBH', 'North Hill and Bay')]",
        [True, False, True, False, False],
    ),
    "a short word would be taken for a place": (
        "[is_part_of('Paris', 'Paris, France'), is_part_of('IT', 'Milan, IT')]",
        [True, False],
    ),
    "a field would be taken for a place since the place's name begins or ends with it": (
        "[is_part_of('Port', 'Portland, OR'), is_part_of('Land', 'Portland, OR'),"
        " is_part_of('Cleveland, OH', 'Cleveland, Ohio'), is_part_of('Ha Noi', 'Hanoi'),"
        " is_part_of('Washington D.C.', 'Washington, DC'),"
        " is_part_of('横浜市西区', '神奈川県横浜市西区')]",
        [False, False, True, True, True, True],
    ),
    "a title said twice would be read twice": (
        "[said_once('Head Cook Head Cook'), said_once('Cook Cook')]",
        ["Head Cook", "Cook"],
    ),
    "two marks in a row would stay where a rule took what stood between": (
        "[left_by_rule('Cook - - Grill', 'Cook - Band 7 - Grill'),"
        " left_by_rule('Cook, - Grill', 'Cook, Band 7 - Grill'),"
        " left_by_rule('Cook -- -- Grill', 'Cook -- Band 7 -- Grill'),"
        " left_by_rule('Cook - - Grill Chef', 'Sr Cook - - Grill Chef')]",
        ["Cook - Grill", "Cook - Grill", "Cook -- Grill", "Cook - - Grill Chef"],
    ),
    "what stands in brackets would stay without what stood before it": (
        "[left_by_rule('(Legal) Clerk', 'Contract (Legal) Clerk'),"
        " left_by_rule('(Legal) Clerk', '(Legal)  Clerk')]",
        ["Contract (Legal) Clerk", "(Legal) Clerk"],
    ),
    "half of a title would promise what does not follow": (
        "[left_by_rule(title, 'Cook of Oslo (nights) and 1') for title in"
        " ['Cook of', 'COOK OF', 'Sell-to', 'Cook of Oslo (nights', '1',"
        " 'Cook and', 'Cook - C++', 'Koch*in', 'Pay-In', 'Cook AT']]",
        ["Cook of Oslo (nights) and 1"] * 5
        + ["Cook", "Cook - C++", "Koch*in", "Pay-In", "Cook AT"],
    ),
    "a mark that joins nothing would stay where a rule took the word": (
        "[left_by_rule(title, 'Cook and Remote') for title in"
        " ['Cook ~', 'Cook ->', 'Cook @ ^', 'Cook …', 'Cook ー', 'Cook %', '> Cook', '& Cook',"
        " 'Cook C++', 'Cook C#', 'Cook A*', 'Cook 50 %', 'Cook 3+', 'データ', 'Cook “A”']]",
        ["Cook"] * 8
        + ["Cook C++", "Cook C#", "Cook A*", "Cook 50 %", "Cook 3+", "データ", "Cook “A”"],
    ),
    "the state would be taken for the town": ("town_of('San Diego, CA')", "San Diego"),
    "a row's country would stay behind its title, or half of a name go": (
        "[place_behind(title, 'Toronto, Ontario, Canada') for title in"
        " ['Buyer Canada', 'Buyer - Ontario', 'Buyer NewCanada',"
        " 'Buyer Oslo', 'Cook Toronto, ON']]",
        ["Canada", "Ontario", "", "", "Toronto, ON"],
    ),
    "a place would be taken for part of another one": (
        "location_names(' Remote - Georgia, US; St. Louis (MO)')",
        ["Remote", "Georgia", "US", "St. Louis", "MO", ""],
    ),
    "a row's town would stay in front of its title, or a code or half of a name go": (
        "[place_in_front(title, 'New York, New York City, NYC; St. Louis') for title in"
        " ['New York Cook', 'New York City Cook', 'NYC Cook', 'New Yorker Cook',"
        " 'St. Louis Cook']]",
        ["New York", "New York City", "", "", "St. Louis"],
    ),
    "an operation would be taken for another one": (
        "patch_shape("
        """['{"op":"test", "path":"/a", "value":"x"}', '{"value":null, "path":"/a", "op":"add"}',"""
        """'{"op":"add","path":"/a","value":["x"]}', '{"op":"add","path":"/a","value":["x",1]}',"""
        """'{"op":"move","path":"/b/0","from":"/b/1","note":{}}',"""
        """'{"op":1,"path":"a\\"","from":[]}',"""
        """'{"op":"test","path":"/a","path":"/b","value":0}', '"add"']::json[])""",
        [
            '["test","/a",null,"string",true]',
            '["add","/a",null,"null",true]',
            '["add","/a",null,"list",true]',
            '["add","/a",null,"other",true]',
            '["move","/b/0","/b/1","none",true]',
            '[1,"a\\"",[],"none",true]',
            '["test","/a",null,"other",false]',
            '[null,null,null,"none",true]',
        ],
    ),
    "a value of another type would be taken": (
        "[value_kind('\"1\"'), value_kind('null'), value_kind('[\"a\"]'), value_kind('[null]'),"
        " value_kind('true')]",
        ["string", "null", "list", "other", "other"],
    ),
    "a value would be another one": (
        "patch_items("
        """['{"value":"x"}', '{"value":"a\\"\\n"}', '{"value":null}', '{"value":["y","z"]}',"""
        """'{"value":[]}',"""
        """'{}', '"add"']::json[])""",
        [["x"], ['a"\n'], [], ["y", "z"], [], [], []],
    ),
    "half a pair of brackets would be left": (
        "[open_brackets('Cook (nights'), open_brackets('Cook (nights)')]",
        [1, 0],
    ),
    "what was read in the wrong encoding would be shown so": (
        "[read_as_utf8('CafÃ© – Ü'), read_as_utf8('Children\x92s – Caf\xe9 \x96 \x81Bar')]",
        ["Café – Ü", "Children’s – Café –  Bar"],
    ),
    "full-width letters would find nothing": ("ordinary_width('ＡＢ c')", "AB c"),
    "an entity would be shown as it is written": (
        "entities_read('R&amp;D &#65;&#x42; &nothing; & more', ['amp'], [38])",
        "R&D AB &nothing; & more",
    ),
    "an entity without its semicolon, or of no sign, would be cut into": (
        "[entities_read(text, ['amp', 'para', 'eacute'], [38, 182, 233]) for text in"
        " ['A &#8217s &#x2013 B', 'A &#00065; B', 'A &#xD800; &#0; &#999999999999; B',"
        " 'A &amp B', 'Caf&eacutes', 'A &para B &#7 C', '&EACUTE;&Amp;']]",
        [
            "A ’s – B",
            "A A B",
            "A \ufffd \ufffd \ufffd B",
            "A & B",
            "Cafés",
            "A &para B &#7 C",
            "É&",
        ],
    ),
    "words about a place would hide it": (
        "without_words_about_places('greater paris area')",
        "paris",
    ),
    "a state would be taken for an acronym": (
        "[is_in_location('CA', 'San Diego, CA'), is_in_location('IT', 'San Diego, CA')]",
        [True, False],
    ),
    "work would be taken for a place, since it is called by a country's people": (
        "[is_in_location('Latvian Language Specialist', 'Latvia'),"
        " is_in_location('Oslo-based', 'Oslo'), is_in_location('Oslo North', 'Oslo')]",
        [False, True, True],
    ),
    "a name with its legal form would not be the employer": (
        "is_employer('The Soma Group', 'Soma', false)",
        True,
    ),
    "a hospital would be the work": (
        "[names_employer_or_site('City Hospital', 'Soma', 2, works) for works in [false, true]]",
        [True, False],
    ),
    "a product that is called after its maker would go": (
        "[names_employer_or_site('Somatic Media', 'somatic', 2, false),"
        " names_employer_or_site('Somaticsearch', 'somatic', 1, false)]",
        [True, False],
    ),
    "what a hospital is called for short would stay": (
        "[is_initials_of('WRH', 'Worcestershire Royal Hospital, Worcester'),"
        " is_initials_of('LPT', 'Leicestershire Partnership NHS Trust'),"
        " is_initials_of('DEP', 'DEPT OF ENVIRONMENT PROTECTION'),"
        " is_initials_of('RN', 'Royal Nursing'), is_initials_of('ICU', 'Royal Hospital')]",
        [True, True, True, False, False],
    ),
    "a learner would read a misspelt word, or one that only looks like it": (
        "spelt_right('Mental HEALTH practioners/FACILTIES Practice Manager, Analysts',"
        " ['analys', 'facilty', 'practioner'], ['analyst', 'facility', 'practitioner'])",
        "Mental HEALTH practitioners/FACILITIES Practice Manager, Analysts",
    ),
    "a mark would stay without what it marked": (
        "title_without_context(['Cook', 'Soma', 'Nights'], ['', ' - ', ' - '], [null, 1, null], 1)",
        "Cook - Nights",
    ),
}


@pytest.mark.parametrize("harm", CALLS)
def test_a_function_keeps_from_harm(functions: duckdb.DuckDBPyConnection, harm: str) -> None:
    call, expected = CALLS[harm]
    assert functions.execute(f"select {call}").fetchone() == (expected,)


@pytest.mark.parametrize(
    ("seed", "column"),
    [("title_synonyms", "looked_up"), ("word_meanings", "word"), ("word_meanings", "meaning")],
)
def test_what_is_looked_up_is_spelt_as_keys_are(
    functions: duckdb.DuckDBPyConnection, seed: str, column: str
) -> None:
    path = str(PROJECT / "seeds" / f"{seed}.csv")
    others = functions.execute(
        "select said, match_key(said) as key from ("
        f"select unnest(string_split({column}, ' | ')) as said"
        " from read_csv(?, all_varchar := true)) where key <> said",
        [path],
    )
    assert others.fetchall() == []


def test_every_function_is_called_here(parsed: list[dict[str, Any]]) -> None:
    called = {name for call, _ in CALLS.values() for name in re.findall(r"(\w+)\(", call)}
    assert {node["name"] for node in parsed} - called == set()
    assert all(node["description"] and node["arguments"] for node in parsed)


def test_no_lambda_of_a_function_takes_a_column_for_its_parameter(
    parsed: list[dict[str, Any]],
) -> None:
    # DuckDB inserts arguments literally: a column with the same name as a lambda's parameter there
    # would silently be taken for the parameter.
    inner = [re.findall(r"lambda (.+?):", node["raw_code"]) for node in parsed]
    names = {name for found in inner for names in found for name in names.split(", ")}
    assert {name for name in names if not name.startswith("one_")} == set()
    outside = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "macros").rglob("*.sql")]
    assert [path for path in outside if re.search(r"\bone_", path.read_text("utf-8"))] == []
    assert [a for node in parsed for a in node["arguments"] if a["name"].startswith("one_")] == []
