"""The WSGI entry point."""

from django.core.wsgi import get_wsgi_application

from paygate.project.environment import use_our_settings

use_our_settings()
application = get_wsgi_application()

from paygate.operations.web_workers import share_connections  # noqa: E402  # it needs the settings

share_connections()
