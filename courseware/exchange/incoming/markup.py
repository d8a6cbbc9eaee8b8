"""XML and pages of strangers, read without entities and without the net; pages become the Markdown of our lessons."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import nh3
from lxml import etree, html

from courseware.exchange.cartridge import names

XML_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
ENTITY = re.compile(rb"<!\s*entity", re.IGNORECASE)
KEPT = {
    "a", "abbr", "article", "aside", "audio", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt", "em",
    "embed", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "iframe", "img", "li", "main", "object",
    "ol", "p", "pre", "s", "section", "source", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "track", "u", "ul", "video",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "class"}, "audio": {"src"}, "div": {"class"}, "embed": {"src"}, "iframe": {"src", "title"}, "img": {"src", "alt"},
    "object": {"data"}, "p": {"class"}, "source": {"src"}, "track": {"src", "srclang", "kind"}, "video": {"src"},
}  # fmt: skip
NEVER = {"script", "style", "template", "noscript", "head", "title"}
BLOCKS = {"address", "article", "aside", "div", "dd", "dl", "dt", "figcaption", "figure", "footer", "header", "main", "p", "section", "details", "summary", "caption"}  # fmt: skip
FILES = {"img": "src", "audio": "src", "video": "src", "source": "src", "embed": "src", "object": "data", "a": "href"}


def read_xml(data: bytes) -> etree._Element | None:
    """The root of an XML file; None where it is not well-formed, or declares entities (no course needs any)."""
    if ENTITY.search(data):
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True)  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local(node: etree._Element) -> str:
    """The name of a node without its namespace: cartridges of all versions differ in nothing else that matters."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def child(node: etree._Element, name: str) -> etree._Element | None:
    """The first child of this name."""
    return next((one for one in node if local(one) == name), None)


def text_of(node: etree._Element | None) -> str:
    """All words in a node."""
    return "" if node is None else "".join(node.itertext()).strip()


@dataclass(slots=True)
class Page:
    """A page as it was understood. `files` are addresses of what it shows or leads to, in order; `tracks` of captions."""

    title: str = ""
    text: str = ""
    files: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    tracks: list[tuple[str, str]] = field(default_factory=list)
    kind: str = ""
    licence: str = ""
    source: str = ""
    own_text: str = ""
    url: str = ""


def read_page(data: bytes | str) -> Page | None:
    """A page of HTML in whatever encoding it says; None where nothing can be read from it."""
    tree = _parsed(data)
    if tree is None:
        return None
    page = Page(text_of(tree.find(".//title")), kind=_mark(tree, names.KIND_MARK))
    page.licence, page.source = _mark(tree, names.LICENCE_MARK), _mark(tree, names.SOURCE_MARK)
    body = _safe_body(tree)
    if body is None:
        return page
    _gather(body, page)
    page.text = to_markdown(body)
    if page.kind:
        own = next(iter(body.xpath(".//div[@class='text']")), None)
        page.own_text = to_markdown(own) if own is not None else ""
        page.url = next(iter(body.xpath(".//a[@class='url']/@href")), "")
    return page


def _parsed(data: bytes | str) -> html.HtmlElement | None:
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    if isinstance(data, bytes):
        data = _decoded(data)
    try:
        return html.document_fromstring(CONTROLS.sub("", data), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _decoded(data: bytes) -> str:
    """Text of a page: UTF-8 where it reads as that, else as its head says, else as Chinese pages were written."""
    said = re.search(rb"charset=[\"']?([\w-]{2,20})", data[:2048], re.IGNORECASE)
    for encoding in ("utf-8-sig", *([said[1].decode()] if said else []), "gb18030"):
        try:
            return XML_HEAD.sub("", data.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("utf-8", "replace")


def _mark(tree: html.HtmlElement, name: str) -> str:
    return str(next(iter(tree.xpath("//meta[@name=$name]/@content", name=name)), ""))[:300]


def _safe_body(tree: html.HtmlElement) -> html.HtmlElement | None:
    """The body as nh3 leaves it: no script, no style, no handler, no address that runs something."""
    body = tree.find(".//body")
    raw = html.tostring(body if body is not None else tree, encoding="unicode")
    clean = nh3.clean(raw, tags=KEPT, attributes=ATTRIBUTES, clean_content_tags=NEVER - {"head", "title"}, link_rel=None, url_schemes={"http", "https", "mailto"})  # fmt: skip
    return html.fragment_fromstring(clean, create_parent="div") if clean.strip() else None


def _gather(body: html.HtmlElement, page: Page) -> None:
    for node in body.iter():
        name = node.tag if isinstance(node.tag, str) else ""
        address = (node.get(FILES[name]) or "").strip() if name in FILES else ""
        if name == "track" and node.get("src"):
            page.tracks.append((node.get("srclang") or "", node.get("src") or ""))
        elif address and is_inside(address):
            (page.pictures if name == "img" else page.files).append(address)


def is_inside(address: str) -> bool:
    """Whether an address means a file of the package."""
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc and not address.startswith("#")


# --- Markdown ------------------------------------------------------------------------------------------------------------


def to_markdown(node: html.HtmlElement) -> str:
    """The words of a page as CommonMark with tables, as lessons are written. Pictures and players are not part of it."""
    return re.sub(r"\n{3,}", "\n\n", _Writer().block(node)).strip()


class _Writer:
    """Walks a page; inline parts become one line, blocks are divided by an empty one."""

    def block(self, node: html.HtmlElement, depth: int = 0) -> str:
        """The blocks inside `node`."""
        blocks: list[str] = []
        line = escape(node.text or "")
        for one in node:
            if _is_block(one):
                blocks += [_line(line), self._one(one, depth)]
                line = escape(one.tail or "")
            else:
                line = _joined(line, self.inline(one)) + escape(one.tail or "")
        return "\n\n".join(part for part in [*blocks, _line(line)] if part.strip())

    def _one(self, node: html.HtmlElement, depth: int) -> str:
        name = node.tag
        make = _BLOCK_WRITERS.get(name)
        if make is not None:
            return make(self, node, depth)
        if re.fullmatch(r"h[1-6]", name):
            # A page's headings are drawn one level down: what is written back goes up again.
            words = re.sub(r"#(?=#*$)", r"\\#", self.words(node))  # signs at its end would close the heading
            return f"{'#' * max(1, int(name[1]) - 1)} {words}" if words else ""
        return self.block(node, depth)

    def inline(self, node: html.HtmlElement) -> str:
        """A part of a line."""
        name = node.tag
        if name == "br":
            return "\\\n"
        if name == "code":
            return _code(node.text_content())
        if name in NEVER or name in ("video", "audio", "source", "track", "object", "embed", "img"):
            return ""
        words = self._inside(node)
        mark = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}.get(name, "")
        if mark:
            return _wrapped(words, mark)
        if name in ("a", "iframe"):
            return _link(node, words)
        return words

    def words(self, node: html.HtmlElement) -> str:
        """Everything in `node` as one line."""
        return _line(self._inside(node)).replace("\\\n", " ").replace("\n", " ")

    def _inside(self, node: html.HtmlElement) -> str:
        line = escape(node.text or "")
        for one in node:
            line = _joined(line, self.inline(one)) + escape(one.tail or "")
        return line

    def items(self, node: html.HtmlElement, depth: int) -> str:
        """A list; what belongs to an item is indented under it."""
        made = []
        for number, item in enumerate((one for one in node if one.tag == "li"), start=1):
            sign = f"{number}. " if node.tag == "ol" else "- "
            body = self.block(item, depth + 1).replace("\n", "\n" + " " * len(sign))
            made.append(sign + re.sub(r"\n +\n", "\n\n", body))
        return "\n".join(made)

    def quote(self, node: html.HtmlElement, depth: int) -> str:
        """A quotation."""
        return "\n".join(f"> {line}".rstrip() for line in self.block(node, depth).split("\n"))

    def code(self, node: html.HtmlElement, _depth: int) -> str:
        """Lines of a program, as they are."""
        text = node.text_content().strip("\n")
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
        return f"{fence}\n{text}\n{fence}"

    def table(self, node: html.HtmlElement, _depth: int) -> str:
        """A table whose first row is its head."""
        rows = [[self.words(cell) for cell in row if cell.tag in ("td", "th")] for row in node.iter("tr")]
        width = max((len(row) for row in rows), default=0)
        if not width:
            return ""
        full = [row + [""] * (width - len(row)) for row in rows]
        lines = [full[0], ["---"] * width, *full[1:]]
        return "\n".join("| " + " | ".join(row) + " |" for row in lines)

    def rule(self, _node: html.HtmlElement, _depth: int) -> str:
        """A line across."""
        return "---"


_BlockWriter = Callable[[_Writer, html.HtmlElement, int], str]
_BLOCK_WRITERS: dict[str, _BlockWriter] = {
    "ul": _Writer.items, "ol": _Writer.items, "blockquote": _Writer.quote, "pre": _Writer.code, "table": _Writer.table,
    "hr": _Writer.rule,
}  # fmt: skip


def _is_block(node: html.HtmlElement) -> bool:
    name = node.tag if isinstance(node.tag, str) else ""
    if name in BLOCKS or name in _BLOCK_WRITERS or re.fullmatch(r"h[1-6]", name):
        return True
    return name in ("span", "a", "strong", "em") and any(_is_block(one) for one in node)


PIECE = re.compile(r"\\.|.", re.DOTALL)
MARKED = re.compile(r"(\*\*|\*|~~)((?:\\.|[^*~\\])+)\1", re.DOTALL)
SIGNS = re.compile(r"([\\`*_\[\]<>~|&])")
AT_BEGIN = re.compile(r"^(\s*)([-+#=]|\d+[.)])(?=\s|$|[-#=])", re.MULTILINE)


def escape(text: str) -> str:
    """Words that mean nothing to Markdown; white space as a page shows it."""
    return SIGNS.sub(r"\\\1", re.sub(r"[ \t\r\n\f]+", " ", text))


def _line(text: str) -> str:
    lines = [one.strip() for one in text.strip().split("\n")]
    return AT_BEGIN.sub(
        lambda m: f"{m[1]}\\{m[2]}" if not m[2][0].isdigit() else f"{m[1]}{m[2][:-1]}\\{m[2][-1]}", "\n".join(lines)
    )


def _wrapped(words: str, mark: str) -> str:
    """Words between marks. Signs at their edges go outside: beside a letter a mark after “：” or “。” would not close.

    What holds marks of its own stays as it is; Markdown has no sure way to write one inside the other.
    """
    pieces = PIECE.findall(words)
    if any(len(one) == 1 and one in "*~`[]" for one in pieces):
        return words
    first = next((at for at, one in enumerate(pieces) if not _is_sign(one)), None)
    if first is None:
        return words
    last = next(at for at in range(len(pieces) - 1, -1, -1) if not _is_sign(pieces[at]))
    before, bare, after = pieces[:first], pieces[first : last + 1], pieces[last + 1 :]
    return f"{''.join(before)}{mark}{''.join(bare)}{mark}{''.join(after)}"


def _is_sign(piece: str) -> bool:
    """A space, a sign of punctuation, or something escaped."""
    return len(piece) > 1 or piece.isspace() or unicodedata.category(piece)[0] in "PSZC"


def _joined(line: str, piece: str) -> str:
    """The line and what comes next. Two marks in a row would be read as one longer one: the second stays away."""
    found = MARKED.match(piece)
    if found and line.endswith(("*", "~")) and not line.endswith(("\\*", "\\~")):
        return line + found[2] + piece[found.end() :]
    return line + " " + piece if piece.startswith("`") and line.endswith("`") else line + piece


def _code(text: str) -> str:
    words = " ".join(text.split())
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", words)), default=0))
    pad = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{pad}{words}{pad}{fence}" if words else ""


def _link(node: html.HtmlElement, words: str) -> str:
    address = (node.get("href") or node.get("src") or "").strip()
    if urlsplit(address).scheme not in ("http", "https", "mailto"):
        return words
    shown = words.strip() or escape(node.get("title") or address)
    return f"[{shown}](<{address.replace('>', '%3E').replace('<', '%3C')}>)"
