"""Routes of people, the audit log and one's own sessions."""

from django.urls import path

from paygate.backoffice.people import audit_views, session_views, views

people_patterns = [
    path("", views.people, name="people"),
    path("invite/", views.invite_person, name="person_invite"),
    path("invitations/<int:invitation_id>/withdraw", views.withdraw_invitation, name="invitation_withdraw"),
    path("refund-limit", views.refund_limit, name="refund_limit"),
    path("second-factor", views.second_factor_rule, name="second_factor_rule"),
    path("<int:member_id>/", views.person, name="person"),
    path("<int:member_id>/role", views.give_role, name="person_role"),
    path("<int:member_id>/remove", views.remove_person, name="person_remove"),
]

audit_patterns = [
    path("", audit_views.audit, name="audit"),
    path("<int:line_id>/", audit_views.audit_line, name="audit_line"),
]

session_patterns = [
    path("", session_views.sessions, name="sessions"),
    path("end", session_views.end_all, name="sessions_end"),
    path("<int:presence_id>/end", session_views.end_one, name="session_end"),
]
