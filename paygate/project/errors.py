"""The error pages of the whole product: each in the look of the entrance it belongs to."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from paygate.backoffice import errors
from paygate.paypage import pages
from paygate.project.middleware import is_for_people


def bad_request(request: HttpRequest, exception: object = None) -> HttpResponseBase:
    """A body or a form that is too large or no form at all."""
    return errors.bad_request(request) if is_for_people(request) else pages.bad_request(request)


def not_found(request: HttpRequest, exception: object = None) -> HttpResponseBase:
    """Unknown, foreign and malformed look the same (safety.md TN-4, LN-2)."""
    return errors.not_found(request) if is_for_people(request) else pages.not_found(request)


def broken(request: HttpRequest) -> HttpResponseBase:
    """We were wrong; the defect is in the log."""
    return errors.broken(request) if is_for_people(request) else pages.busy(request)
