"""The step `live`: a model on a camera (`live.py`), its figures (`times.py`), photos to keep."""
