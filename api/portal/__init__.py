"""
The bank's portal: pages that people of the organization see, understand and act on.

One page is one module here with one template of the same name, and one function in
`store/portal/` that reads all it shows. Such a module holds three things: what the
address may say (a pydantic model), a route that reads and shows, and routes that act
and lead back. To add a page, copy the smallest (`letters.py`) and add its router to
`ROUTERS` in `portal.py`. Then:

* `Person` says who asks; `permitted(Permission.…)` lets nobody else in. What a role
  may do is in `domain/roles.py`, and nowhere else.
* Every router has `route_class=PortalRoute`: it refuses what another site sends, leads
  to the sign-in page, turns every refusal into a page or a notice, and guards answers.
* A page decides nothing. What it does to a company or a journey it does through
  `acting.py`, with the same code as `/v1`. What it answers is what then is.
* `view.answer` writes a page, `view.said` answers a form: a notice for a script, and
  without one the page before, with the notice.
* What follows the store while the page is open is a `Drawing` of pieces with ids;
  `live.py` sends those that changed. Everything works without a script too.
"""
