"""Indicators as pure functions of facts; `registry` names them all."""
