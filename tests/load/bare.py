"""The least that could be done: a Flask template page, and a Flask app that reads one row through SQLAlchemy."""

import os

from flask import Flask, render_template_string
from sqlalchemy import String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

PAGE = """<!doctype html><html lang="en"><title>Bare</title><h1>Bare</h1><ul>
{% for word in words %}<li>{{ word }}</li>{% endfor %}</ul></html>"""


class Base(DeclarativeBase):
    """The bare app's only table hangs here."""


class Word(Base):
    """One word."""

    __tablename__ = "words"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(40))


engine = create_engine(os.environ.get("BARE_DATABASE_URL", "sqlite://"))
Base.metadata.create_all(engine)
app = Flask("bare")


@app.get("/template")
def template() -> str:
    """A page from a template, without a query."""
    return render_template_string(PAGE, words=["one", "two", "three"])


@app.get("/row")
def row() -> str:
    """A page from a template with one query."""
    with Session(engine) as session:
        return render_template_string(PAGE, words=session.scalars(select(Word.word)).all())


@app.get("/health")
def health() -> str:
    """It answers."""
    return "ok"
