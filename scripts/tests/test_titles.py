"""Titles that once broke a rule: each stands for a kind, all go through one run."""

import csv
import json
import re
from pathlib import Path

import pytest
import yaml
from conftest import PROJECT, RootDir, run_engine

BROKEN = {
    # What a rule removes leaves nothing dangling, and is not part of the work.
    "Head of Remote": "Head of Remote",
    "Professor of Part-Time": "Professor of Part-Time",
    "Chief of Staff - Remote": "Chief of Staff",
    "Remote Sensing Scientist": "Remote Sensing Scientist",
    "Chef with £5,000 Welcome Bonus": "Chef",
    "Director of Sales and": "Director of Sales",
    "Usher &": "Usher",
    "Beekeeper - Full or Part Time": "Beekeeper",
    # Capitals with short forms.
    "SR. ACCOUNTANT": "Senior Accountant",
    "MGR, ENGINEERING": "Engineering Manager",
    "ASST SECRETARY": "Assistant Secretary",
    "SR DIR OF NURSING": "Senior Director of Nursing",
    "MGMT TRAINEE": "Management Trainee",
    # Acronyms in capitals.
    "EKG TECHNICIAN": "EKG Technician",
    "ICD-10 CODER": "ICD-10 Coder",
    "CAD/CAM PROGRAMMER": "CAD/CAM Programmer",
    "SSIS/SSRS DEVELOPER": "SSIS/SSRS Developer",
    "O'REILLY PARTS MANAGER": "O'Reilly Parts Manager",
    "3D ARTIST": "3D Artist",
    "IT SPEC (INFOSEC)": "IT Specialist (INFOSEC)",
    "Executive Director, HRA TECHNOLOGY": "Executive Director, HRA Technology",
    # HTML, once and twice escaped, and its tags.
    "Nurse &#8211; ICU": "Nurse – ICU",
    "Barista &#038; Cashier": "Barista & Cashier",
    "Cook&#160;Helper": "Cook Helper",
    "Cook &#x2013; Nights": "Cook",
    "Chef - Remote &amp; Hybrid": "Chef",
    "Baker &amp;amp; Confectioner": "Baker & Confectioner",
    "Line Cook &lt;Nights&gt;": "Line Cook",
    "<b>Line Cook</b>": "Line Cook",
    "&#8220;Lead&#8221; Cook": "“Lead” Cook",
    "AT&T Installer": "AT&T Installer",
    "R&D; Chemist": "R&D; Chemist",
    # Mojibake, control characters, a spreadsheet's text, signs of full width, a title twice.
    "CafÃ© Manager": "Café Manager",
    "Managerâ€™s Aide": "Manager’s Aide",
    "Line\u0007 Cook": "Line Cook",
    '="Line Cook"': "Line Cook",
    "Ｗｅｌｄｅｒ": "Welder",
    "Cook Helper Cook Helper": "Cook Helper",
    "Cook Helper - Cook Helper": "Cook Helper",
    # Marks other than a hyphen.
    "Plumber \u2012 Night Shift": "Plumber",
    "Data Scientist \u00b7 Remote": "Data Scientist",
    "Electrician \u2010 Remote": "Electrician",
    "Registered Nurse \u2212 Remote": "Registered Nurse",
    "Carpenter \u2015 Contract": "Carpenter",
    "Part\u2011Time Web Developer": "Web Developer",
    # Classes of context that lists of phrases do not cover.
    "Staff Nurse - Band 7": "Staff Nurse",
    "Band 6 - Play Therapist": "Play Therapist",
    "Analyst, GS-1530-15, FPL 15": "Analyst",
    "Welder (Direct Hire)": "Welder",
    "Nurse - Ward 22": "Nurse",
    "Health Care Assistant - Ward 26 - Full Time": "Health Care Assistant",
    "Engineer (Top Secret)": "Engineer",
    "Developer (DoD Secret | Remote)": "Developer",
    "Intern (Summer 2026)": "Intern",
    "Teacher (26-27)": "Teacher",
    "Account Executive - EMEA": "Account Executive",
    "Account Executive, DE/NL": "Account Executive",
    "Driver (AZ)": "Driver",
    "Barista - Lower Manhattan": "Barista",
    "Barista | Brooklyn": "Barista",
    "Vendedor | Rio de Janeiro/ RJ": "Vendedor",
    "Officer - Prior Law Enforcement Preferred": "Officer",
    "Analyst (Internal Applicants Only)": "Analyst",
    "Optician - Rockefeller Center": "Optician",
    # The work, its field and the employer's own form of it stay.
    "Consultor(a)": "Consultor(a)",
    "Community Clinical Sister/In-reach": "Community Clinical Sister/In-reach",
    "Director, H/F Radio Systems": "Director, H/F Radio Systems",
    "Teacher - Grade 5": "Teacher - Grade 5",
    "Trainer - Public Speaking": "Trainer - Public Speaking",
    "React Native Developer": "React Native Developer",
    "Java Developer (Spring)": "Java Developer (Spring)",
    "Sales Manager (B2B)": "Sales Manager (B2B)",
    "Security Engineer - Red Team": "Security Engineer - Red Team",
    "Nurse Practitioner - General Surgery": "Nurse Practitioner - General Surgery",
    "Physical Therapist (PT)": "Physical Therapist (PT)",
    # Doubles with a slash, grades without a mark, months, codes of countries.
    "Line Cook/Line Cook": "Line Cook",
    "Clinical Psychologist 8a": "Clinical Psychologist",
    "Occupational Therapist B6": "Occupational Therapist",
    "Staff Nurse, Ward 7B": "Staff Nurse",
    "Electrician WG-2805-10": "Electrician",
    "Network Engineer w/ TS Clearance": "Network Engineer",
    "Camp Counselor (June - August)": "Camp Counselor",
    "Tax Preparer (Jan-Apr 2026)": "Tax Preparer",
    "Ski Instructor Winter 2025/26": "Ski Instructor",
    "Math Teacher SY 25-26": "Math Teacher",
    "Consultant, US/CAN": "Consultant",
    "Staff Nurse with £2,000 Golden Hello": "Staff Nurse",
    "Janitor M-F 6am-2pm": "Janitor",
    "Sessional Dentist": "Dentist",
    "Auditor, Schedule A Repository": "Auditor",
    "IA GENERATIVA": "IA Generativa",
    "VP OF HR": "VP of HR",
    "FPGA DESIGN ENGINEER": "FPGA Design Engineer",
    "SENCO": "SENCO",
    "Engineer - 737 MAX": "Engineer - 737 MAX",
    "Vitamin B6": "Vitamin B6",
    "Animator (2D)": "Animator (2D)",
    "Computer Vision Scientist, 3D": "Computer Vision Scientist, 3D",
    "Bank Podiatrist": "Podiatrist",
    "Bank Specialist": "Bank Specialist",
    "Homecare Nurse Casual": "Homecare Nurse",
    "Sr.Staff Engineer": "Senior Staff Engineer",
    "Trainer - Advanced French Fluency": "Trainer",
    "POLICY and OPERATIONS ANALYST": "Policy and Operations Analyst",
    # Where the job is based, in front or behind, and states among states.
    "Cincinnati, OH based Territory Sales Manager": "Territory Sales Manager",
    "Northern VA/DC based Clinical Specialist": "Clinical Specialist",
    "NYC-Based Tutor": "Tutor",
    "AR-Based Game Designer": "AR-Based Game Designer",
    "Product Designer (Bangkok - Based, Relocation Provided)": "Product Designer",
    "Dietitian (Contract, MD-based)": "Dietitian",
    "Tax Advisor (Bangkok-Based Position, Relocation Support Provided)": "Tax Advisor",
    "Textile Sourcing Manager – U.S. Based": "Textile Sourcing Manager",
    "Center-Based Behavior Technician": "Center-Based Behavior Technician",
    "Doctor (AL, AR, FL, MD, PA, TN)": "Doctor",
    "Account Executive, VA/ MD/ DE": "Account Executive",
    # What may be the work stays, and so does what is between a mark and a place.
    "Beacon | Media Planning Manager, Japan": "Beacon | Media Planning Manager",
    "Omaha, Nebraska - Oral Surgeon needed": "Omaha, Oral Surgeon needed",
    "Prior Service - Court Officer Honolulu, HI": "Prior Service - Court Officer Honolulu",
    "Veterinarian - Silver Springs, MD": "Veterinarian",
    "Hourly Positions at Sunrise": "Hourly Positions at Sunrise",
    "Anesthesiologist- Denver - low call": "Anesthesiologist - low call",
    # A range is one thing, and so is what "and" joins.
    "Site Reliability Engineer (8 - 13 yrs)": "Site Reliability Engineer",
    "Psychotherapist (40 – 100%)": "Psychotherapist",
    "Product Designer - 4-6 Month Contract": "Product Designer",
    "Bilingual English and Spanish Loan Officer": "Loan Officer",
    "Band 5 or Band 6 Midwife": "Midwife",
    # Terms of one posting that have two words or more.
    "Interior Designer (In-Person, Chicago)": "Interior Designer",
    "Packaging Operator (12 Hour Nights - Rotating Weekends)": "Packaging Operator",
    "Process Operator (All Levels)": "Process Operator",
    "Deal Desk Analyst (PST)": "Deal Desk Analyst",
    "Tutor (Part-Time Contract)": "Tutor",
    "QA Tester (one year contract)": "QA Tester",
    "Finance Manager - 12M Fixed-Term Contract": "Finance Manager",
    "Merchandise Planner – Hybrid NYC": "Merchandise Planner",
    "Sales Manager - Barcelona Hybrid": "Sales Manager",
    "Chemist (New Grad Summer 2026)": "Chemist",
    "Mechanic (Fall 2025/Spring 2026)": "Mechanic",
    "Design Internship Winter/Spring 2026": "Design Internship",
    "Math Teacher 2026-2027": "Math Teacher",
    "Junior Trader - Start Date: January 2026": "Junior Trader",
    "Account Executive, Vision 2030": "Account Executive, Vision 2030",
    # Stars, bullets and blanks separate words, and numbers from theirs.
    "Team Leader***Internal Applicants Only***": "Team Leader",
    "Shift Manager - Store # 57": "Shift Manager",
    "Agent ( Claims/ Fraud )": "Agent (Claims/Fraud)",
    # An employer's codes, in front, in brackets and as a ward.
    "EEO-002-EEO Intern": "EEO Intern",
    "IAPT High Intensity Therapist  (NHS AQP MH 647 RP)": "IAPT High Intensity Therapist",
    "Staff Nurse - 10 South A - Renal": "Staff Nurse - Renal",
    "Nurse Team Leader - General Surgery Ward 7A": "Nurse Team Leader - General Surgery",
    "Ward 124 Band 5 Staff Nurse": "Staff Nurse",
    "Staff Nurse - Ward 20 (Diabetes)": "Staff Nurse (Diabetes)",
    "Management Analyst, GS-0343-14, FPL: 14 (ODS ONLY)": "Management Analyst",
    "Administrative Specialist, GS-0301-11 (FPL: GS-12) ED ONLY": "Administrative Specialist",
    "Bank Level 5 Registered Nurse - Rehabilitation": "Registered Nurse - Rehabilitation",
    "Laboratory Microbiologist/Bureau of the Public Health Laboratory": "Laboratory Microbiologist",
    "Information Specialist, GS-306-07, FPL: GS-11 (ED ONLY)": "Information Specialist",
    # Terms in other words.
    "Staff Nurse - Night Duty": "Staff Nurse",
    "Attorney (Student Trainee) - 2025 Summer Associate": (
        "Attorney (Student Trainee) - Summer Associate"
    ),
    "Pathways Recent Graduate-Accountant": "Accountant",
    "Policy Analyst (Public Notice Flyer/Schedule A)": "Policy Analyst",
    "Bank Band 5 RGN": "RGN",
    "Bank Specialist Occupational Therapist": "Specialist Occupational Therapist",
    "Support Services Specialist (Term - NTE 13 Months)": "Support Services Specialist",
    "RNLD - (Preceptors welcome)": "RNLD",
    "Software Engineer (Fresh Graduates Welcome, C++)": "Software Engineer (C++)",
    "Field Representative (CT/MA/ME/NH/NJ/NY/RI/VT/PR)": "Field Representative",
    "Manager, PR": "PR Manager",
    "Minor Injury Practitioner Band 6 / Band 5 Development Post": "Minor Injury Practitioner",
    "Progressive Band 5-6 Dosimetrist": "Dosimetrist",
    "Finance Intern, Spring": "Finance Intern",
    "Java Developer, Spring": "Java Developer, Spring",
    "Domestic Cleaner Weekdays 7am-3pm": "Domestic Cleaner",
    "Bank Housekeeping Assistant": "Housekeeping Assistant",
    "Newly qualified nurse – Range of opportunities": "Newly qualified nurse",
    # A field that is named like work can be a title by itself.
    "Relief - Juvenile Justice": "Relief - Juvenile Justice",
}


KNOWN_BY_OTHER_NAMES = {
    "District Nurse - North Team": ("registered-nurses", True),
    "MSK Physiotherapist": ("physical-therapists", True),
    "Community Nurse/Physiotherapist": ("physical-therapists", False),
    "Senior Therapeutic Radiographer": ("radiation-therapists", True),
    "Attorney-Adviser (Tax)": ("lawyers", True),
    "Staff Backend Engineer, Payments": (
        "software-developers-quality-assurance-analysts-and-testers",
        True,
    ),
    "AI Trainer - Advanced Java Developers": (
        "software-developers-quality-assurance-analysts-and-testers",
        False,
    ),
    # A single word before a mark names the work if the occupation is called by it.
    "Pharmacist - Cancer Services": ("pharmacists", True),
    "Supervisory Veterinarian (Export)": ("veterinarians", True),
    "Chief, Records Preservation Division": ("firefighters", False),
    "Head of Sales - Enterprise": ("sales-managers", True),
    # The work can follow a team, an employer or a rank that has no evidence.
    "Fbw Zither - Senior Pharmacist": ("pharmacists", True),
    "State Lead - Personal Injury Attorney": ("lawyers", True),
    "Xylo Yonder - Vice President": ("top-executives", False),
    # The manager of two fields is a manager of the first.
    "Construction & Zither Manager": ("construction-managers", True),
    # A junior high school is none of the high schools.
    "Junior High School Math Teacher": ("middle-school-teachers", True),
    # Short forms, other languages, other spellings.
    "Xylo LMFT": ("marriage-and-family-therapists", True),
    "Advogada Pleno": ("lawyers", True),
    "Infirmier en orthopédie": ("registered-nurses", True),
    # No blank between words, because of the language or by mistake.
    "Soma社内シニア薬剤師": ("pharmacists", True),
    "看護師 (病棟)": ("registered-nurses", True),
    # The longest word is one, not the parts of a phrase with blanks.
    "机械工程师": ("mechanical-engineers", True),
    "Thợ điện": ("electricians", True),
    "Asesor de préstamo": ("loan-officers", True),
    "עורך/ת דין": ("lawyers", True),
    "Xylo MedicalAssistant": ("medical-assistants", True),
    # The names of nurses, and of those who are learning some work.
    "Senior Staff Nurse - ICU": ("registered-nurses", True),
    "Senior Sister (Critical Care)": ("registered-nurses", True),
    "MRI Radiographer": ("radiologic-and-mri-technologists", True),
    "Xylo Ward Matron": ("registered-nurses", True),
    "Police Matron": ("registered-nurses", False),
    "Student Trainee (Pharmacist)": ("pharmacists", True),
    # What is said about the work tells more than its head.
    "Senior Engineering Manager, Platform": ("computer-and-information-systems-managers", True),
    "Engineering Manager - Vehicle Platform": ("computer-and-information-systems-managers", False),
    "Software Developer in Test": (
        "software-developers-quality-assurance-analysts-and-testers",
        True,
    ),
    "Lead Cybersecurity Engineer": ("information-security-analysts", True),
    "Clinical Mental Health Counsellor": (
        "substance-abuse-behavioral-disorder-and-mental-health-counselors",
        True,
    ),
}
"""Titles that no source lists, with an occupation that is theirs, or is not."""

NOT_TO_BE_ATTACHED = (
    # A last word after unknown words, what a rank is of, and what is not a rank.
    "Xylo Yonder Zither Roofer",
    "Manager - Pharmacist",
    "Senior Vice President Actuary",
)


NAMES = {
    "company": "it's",
    "location": """say "x" a/b~c $.x') -- é""",
    "title": "the 'title'; --",
}
"""What the fields are called that vars name."""
GAME = [
    *("Cook", "Animator", "Data Engineer", "Copywriter", "Sound Designer", "Translator"),
    *("Accountant", "Project Manager", "Recruiter", "QA Tester"),
]
POSTED = {
    "Cook - Soma": "Cook",
    "Pastry Cook Qzxham": "Pastry Cook",
    # An employer's own name for something, and what is said more of it.
    **{f"{work} (Vale of Zithers)": work for work in GAME},
    "Copywriter (Vale of Zithers: Dawn)": "Copywriter",
}
"""Titles of rows that have the employer Soma and the place Qzxham."""
TOO_LONG = "NURSE AND " * 99 + "COOK - Nights"


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict]]:
    """Return what the proposed patches write, each with its title."""
    root = RootDir(tmp_path_factory.mktemp("titles") / "root")
    titles = [*BROKEN, *KNOWN_BY_OTHER_NAMES, *NOT_TO_BE_ATTACHED, TOO_LONG]
    posted = {NAMES["company"]: "Soma", NAMES["location"]: "Qzxham"}
    root.title_rows(
        *({"title_id": title, NAMES["title"]: title} for title in titles),
        *({"title_id": title, NAMES["title"]: title, **posted} for title in POSTED),
    )
    named = {"company_field": NAMES["company"], "location_field": NAMES["location"]}
    named |= {"title_row_columns": {NAMES["title"]: "source_title"}}
    given = yaml.safe_dump(named, width=10**9)
    asked = ("propose-patches", "--name", "p", "--vars", given)
    ended = run_engine("--root", str(root.path), *asked)
    assert ended.status == 0, ended.err
    patches = [json.loads(line) for line in _proposed(root.path).splitlines()]
    return [(patch["title_id"], written) for patch in patches for written in patch["ops"][1:]]


@pytest.fixture(scope="module")
def cleaned(operations: list[tuple[str, dict]]) -> dict[str, str]:
    """Return each title as the proposed patches leave it."""
    titles = {title: title for title in (*BROKEN, *POSTED)}
    for title, operation in operations:
        if operation["path"] == "/learner_title":
            titles[title] = operation["value"]
    return titles


def _proposed(root: Path) -> str:
    return (root / "artifacts" / "proposals" / "p.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("title", BROKEN)
def test_a_title_is_read_as_it_was_meant(cleaned: dict[str, str], title: str) -> None:
    assert cleaned[title] == BROKEN[title]


def test_a_text_too_long_for_a_title_is_left_alone(operations: list[tuple[str, dict]]) -> None:
    """One such row would hold up all others: some work grows with the square of the length."""
    assert len(TOO_LONG) > 1000
    assert [written for title, written in operations if title == TOO_LONG] == []


@pytest.mark.parametrize("title", POSTED)
def test_a_name_in_a_var_is_never_sql(cleaned: dict[str, str], title: str) -> None:
    """A title is cleaned by its employer and place, whatever their fields are called."""
    assert cleaned[title] == POSTED[title]


@pytest.mark.parametrize("title", NOT_TO_BE_ATTACHED)
def test_what_is_not_sure_of_the_work_is_not_attached(
    operations: list[tuple[str, dict]], title: str
) -> None:
    written = {operation["path"] for found, operation in operations if found == title}
    assert "/candidate_source_refs/-" in written
    assert "/source_refs/-" not in written


@pytest.mark.parametrize("title", KNOWN_BY_OTHER_NAMES)
def test_a_title_is_found_by_its_other_name(operations: list[tuple[str, dict]], title: str) -> None:
    occupation, is_right = KNOWN_BY_OTHER_NAMES[title]
    named = [written.get("value") for found, written in operations if found == title]
    assert (f"bls_ooh:{occupation}" in str(named)) == is_right, named


@pytest.mark.parametrize(
    "seed", ["title_rule_steps", "pattern_phrases", "segment_kinds", "title_synonyms"]
)
def test_no_pattern_counts_far(seed: str) -> None:
    """RE2's cost grows with its states: one class cost thirty times as much as forty patterns."""
    with (PROJECT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for line in csv.DictReader(file) for cell in line.values() if cell]
    assert len(cells) > 20
    assert [cell for cell in cells if re.search(r"[\])LSw]\{\d+,[1-9]\d+\}", cell)] == []
