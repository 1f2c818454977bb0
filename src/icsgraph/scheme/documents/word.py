"""A document as Word: real headings, header rows that repeat, a language and a title, so that it reads aloud well."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from icsgraph.scheme.carried import pack
from icsgraph.scheme.documents.page import Cell, Document, Paragraph, Table

__all__ = ["as_word"]

_HEAD, _INK, _SOFT, _LINK = "12395B", "212B32", "4C6272", "003D78"
_FONT = "Arial"
# Styles of our own, by the ids that Word gives them: a house style changes them in one place.
_CELL, _CELL_HEAD, _ROW_HEAD, _SMALL, _HREF = "TableText", "TableHeading", "RowHeading", "SmallText", "LinkText"


def as_word(document: Document, on: dt.date, scheme: bytes = b"") -> bytes:
    """The Word file of a document; ``on`` is the day that stands as its date, ``scheme`` the Turtle that it carries along."""
    file: Any = docx.Document()
    _styles(file)
    _page(file, document)
    properties = file.core_properties
    properties.title = f"{document.title} – {document.body}"
    properties.author = document.body
    properties.subject = document.title
    properties.comments = document.made
    properties.language = "en-GB"
    properties.created = properties.modified = dt.datetime.combine(on, dt.time())
    file.add_paragraph(document.body, style="Subtitle")
    file.add_paragraph(document.title, style="Title")
    file.add_paragraph(document.about)
    for term, value in document.facts:
        line = file.add_paragraph(style="List Bullet")
        line.add_run(f"{term}: ")
        line.add_run(value).bold = True
    for section in document.sections:
        file.add_heading(section.heading, 1)
        for words in section.paragraphs:
            file.add_paragraph(words)
        for table in section.tables:
            _table(file, table)
    if scheme:
        text = [t.text or "" for t in file.element.body.iter(qn("w:t"))]
        part = Part(PackURI("/customXml/icsgraph.xml"), "application/xml", pack(scheme, text), file.part.package)
        file.part.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_XML)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _styles(file: Any) -> None:
    styles = file.styles
    for name, size, colour in (
        ("Normal", 10, _INK),
        ("Title", 24, _HEAD),
        ("Subtitle", 12, _SOFT),
        ("Heading 1", 15, _HEAD),
        ("Caption", 10, _INK),
        ("Footer", 8, _SOFT),
    ):
        style = styles[name]
        style.font.name, style.font.size, style.font.italic = _FONT, Pt(size), False
        style.font.color.rgb = RGBColor.from_string(colour)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(qn(kind), _FONT)
        # A theme font would win over the one that is named.
        for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(kind), None)
    for name in ("Heading 1", "Caption"):
        styles[name].paragraph_format.keep_with_next = True
        styles[name].paragraph_format.space_after = Pt(6)
    for id, size, colour in ((_CELL, 9, _INK), (_CELL_HEAD, 9, "FFFFFF"), (_ROW_HEAD, 9, _INK)):
        style = styles.add_style(id, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        style.font.size, style.font.bold = Pt(size), id != _CELL
        style.font.color.rgb = RGBColor.from_string(colour)
        style.paragraph_format.space_after = Pt(2)
    for id, colour in ((_SMALL, _SOFT), (_HREF, _LINK)):
        style = styles.add_style(id, WD_STYLE_TYPE.CHARACTER)
        style.font.color.rgb = RGBColor.from_string(colour)
        style.font.size, style.font.underline = (Pt(8), None) if id == _SMALL else (None, True)
    for border in list(styles["Title"].element.iter(qn("w:pBdr"))):
        border.getparent().remove(border)
    styles["Heading 1"].paragraph_format.space_before = Pt(18)
    styles["List Bullet"].paragraph_format.space_after = Pt(0)
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
    borders = next(styles["Table Grid"].element.iter(qn("w:tblBorders")))
    for border in borders:
        border.set(qn("w:color"), "768692")
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", 40), ("left", 80), ("bottom", 20), ("right", 80)):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(width))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    for old in list(styles["Table Grid"].element.iter(qn("w:tblCellMar"))):
        old.getparent().remove(old)
    borders.addnext(margins)


def _page(file: Any, document: Document) -> None:
    section = file.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(15)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.LEFT
    before, _, rest = document.words("words.page").partition("{page}")
    between, _, after = rest.partition("{pages}")
    footer.add_run(f"{document.made} {before}")
    _field(footer, "PAGE")
    footer.add_run(between)
    _field(footer, "NUMPAGES")
    footer.add_run(after)


def _field(paragraph: Any, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _table(file: Any, table: Table) -> None:
    file.add_paragraph(table.caption, style="Caption")
    grid = file.add_table(rows=1, cols=len(table.columns))
    grid.style = "Table Grid"
    grid.autofit = False
    properties = grid._tbl.tblPr
    for name, words in (("w:tblCaption", table.caption), ("w:tblDescription", table.caption)):
        element = OxmlElement(name)
        element.set(qn("w:val"), words)
        properties.append(element)
    look = properties.find(qn("w:tblLook"))
    if look is not None:
        # Word tells readers aloud that the first row and column are headings.
        look.set(qn("w:firstRow"), "1")
        look.set(qn("w:firstColumn"), "1")
    whole = sum(c.width for c in table.columns)
    widths = [Mm(267 * c.width / whole) for c in table.columns]
    head = grid.rows[0]
    for cell, column, width in zip(head.cells, table.columns, widths, strict=True):
        cell.width = width
        _shade(cell, _HEAD)
        cell.paragraphs[0].add_run(column.heading)
        cell.paragraphs[0]._p.style = _CELL_HEAD
    _mark(head, "w:tblHeader")
    _mark(head, "w:cantSplit")
    for row in table.rows:
        added = grid.add_row()
        _mark(added, "w:cantSplit")
        for number, (cell, content, width) in enumerate(zip(added.cells, row.cells, widths, strict=True)):
            cell.width = width
            if number == 0:
                _shade(cell, "E8EDEE")
            _cell(cell, content, _CELL if number else _ROW_HEAD)
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width


def _mark(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", colour)):
        shade.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _cell(cell: Any, content: Cell, style: str) -> None:
    for number, paragraph in enumerate(content):
        target = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        target._p.style = style
        _runs(target, paragraph)


def _runs(target: Any, paragraph: Paragraph) -> None:
    for text in paragraph.texts:
        run = target.add_run(text.words)
        if text.small:
            run._r.style = _SMALL
        if text.href.startswith(("http://", "https://")):
            run._r.style = _HREF
            link = OxmlElement("w:hyperlink")
            link.set(qn("r:id"), target.part.relate_to(text.href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
            link.append(run._r)
            target._p.append(link)
