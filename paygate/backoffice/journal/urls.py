"""Routes of the journal and of the batches."""

from django.urls import path

from paygate.backoffice.journal import calls, detail_views, period_views, refund_views, review_views, views

journal_patterns = [
    path("", views.journal, name="journal"),
    path("journal.csv", views.journal_file, name="journal_file"),
    path("calls/", calls.call_log, name="calls"),
    path("calls/<uuid:call_id>/again/", calls.again, name="call_again"),
    path("review/", review_views.reviews, name="reviews"),
    path("review/<slug:case>/", review_views.review, name="review"),
    path("review/<slug:case>/propose/", review_views.suggest, name="review_propose"),
    path("review/<slug:case>/confirm/", review_views.agree, name="review_confirm"),
    path("review/<slug:case>/turn-down/", review_views.disagree, name="review_turn_down"),
    path("<str:transaction_id>/", detail_views.show, name="entry"),
    path("<str:transaction_id>/book/", detail_views.book, name="entry_book"),
    path("<str:transaction_id>/cancel/", detail_views.give_back, name="entry_cancel"),
    path("<str:transaction_id>/release/", detail_views.release, name="entry_release"),
    path("<str:transaction_id>/refund/", refund_views.pay_back, name="entry_refund"),
    path("<str:transaction_id>/refund/<int:proposal_id>/confirm/", refund_views.agree, name="refund_confirm"),
    path(
        "<str:transaction_id>/refund/<int:proposal_id>/turn-down/",
        refund_views.disagree,
        name="refund_turn_down",
    ),
    path("<str:transaction_id>/call-again/", calls.call_again, name="entry_call_again"),
]

batch_patterns = [
    path("", period_views.periods, name="periods"),
    path("<str:terminal_number>/close/", period_views.close, name="period_close"),
    path("<str:terminal_number>/<int:number>/", period_views.period, name="period"),
    path("<str:terminal_number>/<int:number>/again/", period_views.again, name="period_again"),
    path("<str:terminal_number>/<int:number>/batch.csv", period_views.period_file, name="period_file"),
]
