"""Text, tables and packages."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from PIL import Image

from .archive import settle, write_zip
from .canvas import PAPER, Canvas, polar
from .corpus import Record, body_of, changes_until, corpus
from .script import course_name

NOTICE = "示例内容：人物、单位均为虚构，数值为教学示例，以设备手册和现行标准为准。"


def make_text(resource: Record, version: int, out: Path) -> Path:
    """A Markdown page: title, facts, the body with its items as a list, the points."""
    points = "\n".join(f"- **{p['name_zh']}**（{p['name_en']}）" for p in corpus().points_of(resource))
    head = f"# {resource['title_zh']}\n\n> {resource.get('description_zh', '')}\n"
    told = f"\n{course_name(resource.get('course', ''))} · 第 {version} 版 · {resource.get('author_name', '')}\n"
    body = f"\n## 正文\n\n{structured(body_of(resource, version))}\n"
    end = f"\n## 对应知识点与技能点\n\n{points}\n\n---\n\n{NOTICE}\n"
    out.write_text(head + told + body + end, encoding="utf-8", newline="\n")
    return out


def structured(body: str) -> str:
    """Sentences as list items; numbered clauses keep their numbers."""
    parts = [p.strip() for p in re.split(r"(?<=[。；])|(?=[一二三四五六七八九十]、)", body) if p.strip()]
    if len(parts) < 3:
        return body
    named = [re.sub(r"^([^，：。；]{2,14}：)", r"**\1**", part) for part in parts]
    return "\n".join(f"- {part}" for part in named)


def make_other(resource: Record, version: int, out_dir: Path) -> Path:
    """A spreadsheet or a package, by what the title names."""
    title = resource["title_zh"]
    makers: dict[str, Callable[[Record, int, Path], Path]] = {
        "信号表": signals,
        "保养计划": upkeep,
        "程序样例": programs,
        "功能块": function_block,
        "模型": model,
        "图像样例": screws,
    }
    maker = next((make for word, make in makers.items() if word in title), signals)
    return maker(resource, version, out_dir)


def _book(out: Path, title: str, header: list[str], rows: list[list[str | int]], notes: list[str]) -> Path:
    """A workbook with one table and a sheet that explains it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title[:28]
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="14607A")
        cell.alignment = Alignment(horizontal="center")
    for letter in "ABCDEFG":
        sheet.column_dimensions[letter].width = 18
    sheet.freeze_panes = "A2"
    explained = book.create_sheet("说明")
    for note in notes:
        explained.append([note])
    book.save(out)
    return settle(out)


def _notes(resource: Record, version: int) -> list[str]:
    told = [f"第 {c.version} 版：{c.reason}" for c in changes_until(resource["key"], version)]
    return [resource["title_zh"], resource.get("description_zh", ""), *told, NOTICE]


def signals(resource: Record, version: int, out_dir: Path) -> Path:
    """The signal table of a cell."""
    names = [
        "料到位",
        "夹紧完成",
        "门已关",
        "主轴停",
        "请求上料",
        "允许进入",
        "机器人在区",
        "上料完成",
        "急停正常",
        "光幕正常",
    ]
    rows: list[list[str | int]] = [
        [
            f"DI{n:02d}" if n < 6 else f"DO{n - 6:02d}",
            name,
            "PLC" if n % 2 else "机床",
            "机器人",
            f"%I{n // 8}.{n % 8}",
            "常闭" if "正常" in name or "关" in name else "常开",
            "" if n < version + 8 else "新增",
        ]
        for n, name in enumerate(names)
    ]
    header = ["编号", "名称", "来源", "去向", "地址", "触点", "备注"]
    return _book(out_dir / "signals.xlsx", "信号表", header, rows, _notes(resource, version))


def upkeep(resource: Record, version: int, out_dir: Path) -> Path:
    """A maintenance plan that works out what is due."""
    work = [
        ("各轴外观与异响", 1),
        ("急停与使能试验", 7),
        ("电缆与气管", 30),
        ("同步带张力", 180),
        ("减速器换脂", 365),
        ("编码器电池", 730),
    ]
    rows: list[list[str | int]] = [
        [
            name,
            days,
            "2024-09-01",
            f'=TEXT(DATEVALUE(C{n})+B{n},"yyyy-mm-dd")',
            f'=IF(D{n}<TEXT(TODAY(),"yyyy-mm-dd"),"到期","未到期")',
        ]
        for n, (name, days) in enumerate(work[: 5 + version], 2)
    ]
    header = ["项目", "周期（天）", "上次日期", "到期日", "状态"]
    return _book(out_dir / "plan.xlsx", "保养计划", header, rows, _notes(resource, version))


def programs(resource: Record, version: int, out_dir: Path) -> Path:
    """A main program and five routines in neutral pseudo code."""
    routines = {
        "rHome": "MoveJ pHome, v200, fine",
        "rPick": "MoveL pPick, v100, fine\nSet doGrip\nWaitDI diClosed, 1, 2.0",
        "rPlace": "MoveL pPlace, v100, fine\nReset doGrip\nWaitDI diOpened, 1, 2.0",
        "rCheck": "IF diPart = 0 THEN\n  CALL rAlarm(1)\nENDIF",
        "rAlarm": "Set doAlarm\nSTOP",
    }
    files = {f"{name}.txt": f"PROC {name}()\n{body}\nENDPROC\n".encode() for name, body in routines.items()}
    main = "PROC main()\nCALL rHome\nWHILE TRUE DO\n  CALL rCheck\n  CALL rPick\n  CALL rPlace\nENDWHILE\nENDPROC\n"
    readme = "\n".join(_notes(resource, version)) + "\n"
    return write_zip(out_dir / "programs.zip", {"main.txt": main.encode(), **files, "README.txt": readme.encode()})


def function_block(resource: Record, version: int, out_dir: Path) -> Path:
    """A cylinder block in structured text with its test cases."""
    block = (
        "FUNCTION_BLOCK FB_Cylinder\nVAR_INPUT Extend, FrontLimit, BackLimit, Reset : BOOL; Limit : TIME; END_VAR\n"
        "VAR_OUTPUT Valve, Done, Fault : BOOL; END_VAR\nVAR Watch : TON; END_VAR\n"
        "Valve := Extend AND NOT Fault;\nDone := (Extend AND FrontLimit) OR (NOT Extend AND BackLimit);\n"
        "Watch(IN := NOT Done, PT := Limit);\nFault := (Watch.Q OR Fault) AND NOT Reset;\nEND_FUNCTION_BLOCK\n"
    )
    tests = "case,extend,front,back,wait_s,valve,done,fault\n1,1,0,1,0,1,0,0\n2,1,1,0,1,1,1,0\n3,1,0,0,3,0,0,1\n4,0,0,1,1,0,1,0\n"
    readme = "\n".join(_notes(resource, version)) + "\n"
    files = {"FB_Cylinder.st": block.encode(), "tests.csv": tests.encode(), "README.txt": readme.encode()}
    return write_zip(out_dir / "cylinder.zip", files)


def model(resource: Record, version: int, out_dir: Path) -> Path:
    """A cell of boxes as a STEP wire frame."""
    boxes = [
        (0, 0, 400, 400, 300),
        (900, -300, 600, 500, 750),
        (900, 500, 600, 500, 750),
        (-900, 0, 300, 300, 1800 + version),
    ]
    lines, number, curves = [], 10, []
    for x, y, w, d, h in boxes:
        corners = [
            (x, y, 0),
            (x + w, y, 0),
            (x + w, y + d, 0),
            (x, y + d, 0),
            (x, y, 0),
            (x, y, h),
            (x + w, y, h),
            (x + w, y + d, h),
            (x, y + d, h),
            (x, y, h),
        ]
        first = number
        for px, py, pz in corners:
            lines.append(f"#{number}=CARTESIAN_POINT('',({px}.,{py}.,{pz}.));")
            number += 1
        lines.append(f"#{number}=POLYLINE('',({','.join(f'#{n}' for n in range(first, number))}));")
        curves.append(f"#{number}")
        number += 1
    lines.append(f"#{number}=GEOMETRIC_CURVE_SET('cell',({','.join(curves)}));")
    step = (
        "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION(('teaching example'),'2;1');\n"
        "FILE_NAME('cell.stp','2024-09-01T00:00:00',(''),(''),'','','');\nFILE_SCHEMA(('CONFIG_CONTROL_DESIGN'));\n"
        "ENDSEC;\nDATA;\n" + "\n".join(lines) + "\nENDSEC;\nEND-ISO-10303-21;\n"
    )
    readme = "\n".join(_notes(resource, version)) + "\n"
    return write_zip(out_dir / "cell.zip", {"cell.stp": step.encode(), "README.txt": readme.encode()})


def screws(resource: Record, version: int, out_dir: Path) -> Path:
    """Fifty small pictures of screw heads and the table of how many are in each."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["file", "count"])
    files: dict[str, bytes] = {}
    for number in range(50):
        count = 1 + (number * 7 + version) % 9
        files[f"images/{number + 1:02d}.png"] = _screw_picture(number, count)
        writer.writerow([f"{number + 1:02d}.png", count])
    readme = "\n".join(_notes(resource, version)) + "\n"
    return write_zip(
        out_dir / "screws.zip", {**files, "counts.csv": table.getvalue().encode(), "README.txt": readme.encode()}
    )


def _screw_picture(number: int, count: int) -> bytes:
    c = Canvas((160, 120), PAPER, (160, 120), background="#c9ccce")
    for n in range(count):
        x, y = 26 + n % 3 * 52 + (number * 5 + n * 3) % 11, 24 + n // 3 * 36 + (number + n * 7) % 9
        c.disc(x, y, 13, "#6b7378", "#454c50", 1.5)
        for turn in (0, 90):
            c.line(
                [polar(x, y, 8, number * 17 + n * 40 + turn), polar(x, y, -8, number * 17 + n * 40 + turn)],
                "#2a3033",
                3,
            )
    return png_bytes(c.finish())


def png_bytes(picture: Image.Image, colors: int = 64) -> bytes:
    """A small PNG of a drawing."""
    kept = io.BytesIO()
    picture.quantize(colors, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
    return kept.getvalue()
