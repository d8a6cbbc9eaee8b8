"""A school that hosts a library in which nothing has happened yet; stories bring libraries of their own."""

from __future__ import annotations

import pytest
from flask import Flask

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit
from courseware.libraries import services as libraries
from courseware.libraries.models import Library


@pytest.fixture
def school(app: Flask) -> Unit:
    return accounts.create_unit("u1", "甲校", "school")


@pytest.fixture
def library(school: Unit) -> Library:
    major = libraries.create_major("460305", "工业机器人技术")
    return libraries.create_library("LIB", "资源库", major, hosts=[school])
