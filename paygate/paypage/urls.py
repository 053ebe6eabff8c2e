"""The payer's routes (contract section 3)."""

from django.urls import path, re_path

from paygate.paypage import (
    card_page_views,
    challenge_views,
    design_views,
    details_views,
    session_views,
    views,
    visit_views,
    wallet_page,
)

app_name = "paypage"

LINK = "SecurePayGate/Payment/<str:customer_id>/<str:terminal_number>/<str:offer_id>"
MULTI_USE = "SecurePayGate/MultiUse/<str:customer_id>/<str:terminal_number>/<str:link_id>"
SESSION = "vt2/api/PaymentPage/<str:customer_id>/<str:terminal_number>/<str:token>"
CARD_PAGE = "vt2/api/Alias/<str:customer_id>/<str:token>"
DESIGN = "SecurePayGate/Design/<str:customer_id>/<int:design_id>/<str:version>"
SAMPLE = "SecurePayGate/Sample/<str:customer_id>/<str:signed>"

urlpatterns = [
    path(LINK, views.link, name="link"),
    path(f"{DESIGN}.css", design_views.style, name="design_style"),
    path(f"{DESIGN}.png", design_views.logo, name="design_logo"),
    path(f"{SAMPLE}.css", design_views.sample_style, name="sample_style"),
    path(SAMPLE, design_views.sample, name="sample"),
    path(f"{LINK}/details", details_views.tell, name="tell"),
    path(f"{LINK}/pay", views.pay, name="pay"),
    path(f"{LINK}/cancel", views.cancel, name="cancel"),
    path(f"{LINK}/status", views.status, name="link_status"),
    path(MULTI_USE, visit_views.link, name="multi_use"),
    path(f"{MULTI_USE}/begin", visit_views.begin, name="begin"),
    path(f"{MULTI_USE}/cancel", visit_views.cancel, name="cancel_link"),
    path(SESSION, session_views.session, name="session"),
    path(f"{SESSION}/details", visit_views.tell, name="tell_in"),
    path(f"{SESSION}/pay", visit_views.pay, name="pay_in"),
    path(f"{SESSION}/continue", session_views.go_on, name="continue"),
    path(f"{SESSION}/return", session_views.come_back, name="come_back"),
    path(f"{SESSION}/cancel", session_views.cancel, name="cancel_session"),
    path(f"{SESSION}/status", session_views.status, name="status"),
    path(CARD_PAGE, card_page_views.card_page, name="card_page"),
    path(f"{CARD_PAGE}/store", card_page_views.store, name="store_card"),
    path(f"{CARD_PAGE}/return", wallet_page.come_back, name="return_to_card_page"),
    path(f"{CARD_PAGE}/continue", card_page_views.go_on, name="continue_card_page"),
    path(f"{CARD_PAGE}/cancel", card_page_views.cancel, name="cancel_card_page"),
    path("3ds/return", challenge_views.browser_returned, name="browser_returned"),
    path("3ds/method", challenge_views.method_done, name="method_done"),
    path("3ds/result", challenge_views.result, name="result"),
    re_path(r"^(?:SecurePayGate|vt2)/", views.nothing, {"customer_id": ""}),
]
