"""The list of attacks: each with its test, and with what is taken out of the product to see that test fail.

SECURITY.md shows it as a table (`python -m tests.attacks --table` prints it anew), held to this list by a test. Where
there are several pieces, each of these walls holds alone. `put in` tells of a defense that is an absence.
"""

from typing import Final

from tests.attacks.cuts import Attempt, Cut

_TRANSPORT: Final = "tests/attacks/test_transport.py::test_"
_OUTSIDE: Final = "tests/attacks/test_roles.py::test_somebody_from_outside_changes_nothing_and_reads_nothing"
_ROLE: Final = "tests/attacks/test_roles.py::test_a_role_that_may_not_changes_nothing_and_gets_no_form"
_ID: Final = (
    "tests/attacks/test_ids.py::test_an_id_of_another_company_changes_nothing_there_and_shows_nothing_of_it"
)
_TEXT: Final = "tests/attacks/test_free_texts.py::test_"
_ORACLE: Final = "tests/attacks/test_oracles.py::test_"
_STOLEN: Final = "tests/attacks/test_stolen_database.py::test_"
_FILE: Final = "tests/attacks/test_files.py::test_"
_ARCHIVE: Final = f"{_FILE}the_name_of_an_archive_is_no_path_and_no_header"
_LICENSE: Final = "tests/files/test_license_file.py::test_"
_MAIL: Final = "tests/mail/test_asking_by_mail.py::test_"
_PAGE: Final = "tests/mail/test_page_server.py::test_"
_RECORD: Final = "tests/store/test_audit.py::test_"

_UNSIGNED: Final = Cut(
    "bot/guard.py:_check_signature", 'raise Rejected(401, "unsigned", "it is not signed")', "return"
)
_MISMATCH: Final = Cut(
    "bot/guard.py:_check_signature",
    "if not hmac.compare_digest(digest, bytes.fromhex(signature[3:].decode())):",
    "if False:",
)
_CLOCK: Final = Cut("bot/guard.py:_check_time", "if abs(late) > MAX_SKEW:", "if False:")
_SEEN_BEFORE: Final = Cut("bot/guard.py:_check_first_time", "if digest in self._seen:", "if False:")
_DECIDES_NOW: Final = Cut(
    "store/decisions.py:_require_right",
    "if person_id is None or not may_decide_now(act, request, person_id):",
    "if person_id is None:",
)
_ITS_REQUESTER: Final = Cut(
    "store/own_items.py:of_requester", "if request.requester.id != act.actor.person_id:", "if False:"
)
_REGISTERS: Final = Cut(
    "store/entitlement.py:require_registering", "if not seen.rights.registers:", "if False:"
)
_RELEASES: Final = Cut("store/entitlement.py:require_releasing", "if not seen.rights.releases:", "if False:")
_SHOWN_FORM: Final = Cut(
    "handlers/choosing.py:by_registration", "if not purpose.allowed(seen.rights):", "if False:"
)
_IS_OPERATOR: Final = Cut(
    "store/subscriptions.py:_require_operator", "if RoleName.OPERATOR in rights.roles:", "if rights.roles:"
)
_OPERATED: Final = Cut(
    "handlers/subscriptions.py:_operated", "if RoleName.OPERATOR not in seen.rights.roles:", "if False:"
)
_ADMINISTERED: Final = Cut(
    "handlers/choosing_people.py:administered", "if not seen.rights.roles & ADMINS:", "if False:"
)
_ANSWERABLE: Final = Cut(
    "store/access_requests.py:_answerable",
    "if request is None or not _may_answer(act, person_id, request):",
    "if request is None:",
)
_COVERED: Final = Cut(
    "store/infrastructures.py:_seen_query",
    "covers, roles.c.person_id == person_id",
    "roles.c.person_id == person_id",
)
_COVERED_IN: Final = Cut("store/people.py:_roles_in", "            _covers_infrastructure(),\n", "")
_ESCAPED: Final = Cut("handlers/blocks/text.py:quote", "escaped = escape(tamed)", "escaped = tamed")
_LOOK_ALIKES: Final = Cut(
    "handlers/blocks/text.py:quote", "clean(text).translate(_LOOK_ALIKES)", "clean(text)"
)
_SEALED: Final = Cut("store/vault.py:encrypt", "return self._fernet.encrypt(plain)", "return plain")
_OPENED: Final = Cut("store/vault.py:decrypt", "return self._fernet.decrypt(sealed)", "return sealed")
_USUAL: Final = Cut(
    "bot/sending/archives.py:archive_name", '_UNUSUAL.sub("-", infrastructure)', "infrastructure"
)
_FORMULA: Final = Cut(
    "handlers/spreadsheet.py:harmless",
    "if text.startswith(_FORMULA) or one_line.startswith(_FORMULA)",
    "if False",
)
_READABLE: Final = Cut(
    "store/rules/sheets.py:_decoded", "content.decode(encoding)", 'content.decode(encoding, "replace")'
)
_NO_ZERO: Final = Cut("store/rules/sheets.py:_decoded", r'if "\0" in text:', "if False:")
_OWN_SITE: Final = Cut(
    "handlers/slack.py:download", "if not _is_within(url, self._client.base_url):", "if False:"
)
_KNOWN_ALGORITHM: Final = Cut("store/jws.py:_named_key", "if algorithm not in ALGORITHMS:", "if False:")
_KEYS_ALGORITHM: Final = Cut("store/jws.py:_named_key", "if algorithm != key.algorithm:", "if False:")

ATTEMPTS: Final = (
    Attempt(
        "unsigned command", f"{_TRANSPORT}an_unsigned_command_is_turned_away", "the refusal", (_UNSIGNED,)
    ),
    Attempt(
        "unsigned `ssl_check` before a command",
        f"{_TRANSPORT}an_unsigned_ssl_check_is_no_way_around_the_signature[before a command]",
        "the refusal",
        (_UNSIGNED,),
    ),
    Attempt(
        "unsigned challenge",
        f"{_TRANSPORT}an_unsigned_challenge_is_not_answered",
        "the refusal",
        (_UNSIGNED,),
    ),
    Attempt(
        "unsigned retry",
        f"{_TRANSPORT}a_retry_that_says_so_needs_a_signature_too",
        "the refusal",
        (_UNSIGNED,),
    ),
    Attempt(
        "signature in the address",
        f"{_TRANSPORT}a_secret_in_the_address_is_no_signature",
        "the refusal",
        (_UNSIGNED,),
    ),
    Attempt(
        "forged `X-Forwarded-For`",
        f"{_TRANSPORT}forwarded_headers_make_nobody_trusted",
        "the refusal",
        (_UNSIGNED,),
    ),
    Attempt(
        "signed with a guess",
        f"{_TRANSPORT}a_command_signed_with_a_guessed_secret_is_turned_away",
        "the comparison",
        (_MISMATCH,),
    ),
    Attempt(
        "signed with nothing",
        f"{_TRANSPORT}a_command_signed_with_no_secret_at_all_is_turned_away",
        "the comparison",
        (_MISMATCH,),
    ),
    Attempt(
        "another person's id in a signed body",
        f"{_TRANSPORT}another_persons_id_in_a_signed_command_is_turned_away",
        "the comparison",
        (_MISMATCH,),
    ),
    Attempt(
        "a later time beside an old signature",
        f"{_TRANSPORT}a_later_time_beside_an_old_signature_is_turned_away",
        "the comparison",
        (_MISMATCH,),
    ),
    Attempt(
        "stale",
        f"{_TRANSPORT}a_signed_command_of_yesterday_is_turned_away",
        "the look at the clock",
        (_CLOCK,),
    ),
    Attempt(
        "ahead of time",
        f"{_TRANSPORT}a_command_signed_for_tomorrow_is_turned_away",
        "the look at the clock",
        (_CLOCK,),
    ),
    Attempt(
        "learning our clock",
        f"{_TRANSPORT}a_clock_that_is_wrong_is_told_in_words_only_where_the_signature_is_right",
        "the order: the clock before the signature",
        (
            Cut(
                "bot/guard.py:_check_signature",
                "digest = hmac.digest(",
                "self._check_time(float(stamp))\n        digest = hmac.digest(",
            ),
        ),
    ),
    Attempt(
        "replay",
        f"{_TRANSPORT}a_click_that_is_sent_again_as_it_was_is_turned_away",
        "the look into what came before",
        (_SEEN_BEFORE,),
    ),
    Attempt(
        "replay to another process",
        f"{_TRANSPORT}a_click_that_is_sent_again_to_another_process_changes_nothing_more",
        "what is pending alone",
        (Cut("store/request_changes.py:settle", "in_(item_ids), PENDING)", "in_(item_ids))"),),
    ),
    Attempt(
        "replay with the signature in another case",
        f"{_TRANSPORT}a_signature_written_in_another_case_is_no_second_one",
        "the one way to write it; and the look into what came before",
        (Cut("bot/guard.py:_SIGNATURE", "re.ASCII", "re.ASCII | re.IGNORECASE"), _SEEN_BEFORE),
    ),
    Attempt(
        "replay with the time written in another way",
        f"{_TRANSPORT}a_time_written_with_a_zero_before_it_is_no_second_one",
        "the time as it was written, signed; and the look into what came before",
        (
            Cut("bot/guard.py:_check_signature", "% (stamp, body)", '% (b"%d" % int(stamp), body)'),
            _SEEN_BEFORE,
        ),
    ),
    Attempt(
        "signed `ssl_check`",
        f"{_TRANSPORT}a_signed_ssl_check_is_no_command",
        "the demand for a command",
        (Cut("bot/guard.py:_form", 'if not form.get("command"):', "if False:"),),
    ),
    Attempt(
        "a huge body",
        f"{_TRANSPORT}a_huge_body_is_turned_away_before_it_is_read",
        "the comparison of the length that is said",
        (Cut("bot/bodies.py:_read", " or int(declared) > most", ""),),
    ),
    Attempt(
        "a body of unsaid length",
        "tests/bot/test_http.py::test_a_body_of_unsaid_length_is_bounded_too",
        "the comparison of what has come",
        (Cut("bot/bodies.py:_read", "if len(body) > most:", "if False:"),),
    ),
    Attempt(
        "a body that does not come",
        "tests/bot/test_http.py::test_a_body_that_does_not_come_is_not_waited_for",
        "the time-out",
        (Cut("bot/bodies.py:read_body", "asyncio.timeout(seconds)", "asyncio.timeout(None)"),),
    ),
    Attempt(
        "a compressed bomb",
        f"{_TRANSPORT}a_compressed_body_is_not_unpacked",
        "put in: unpacking",
        (
            Cut(
                "bot/guard.py:check",
                "self._check_signature(headers, body)",
                'self._check_signature(headers, body)\n        body = __import__("gzip").decompress(body)',
            ),
        ),
    ),
    Attempt(
        "a body of another kind",
        f"{_TRANSPORT}a_body_of_another_kind_is_turned_away[text/plain]",
        "the refusal of other kinds",
        (
            Cut(
                "bot/guard.py:_read",
                'raise Rejected(400, "broken", "its body is neither JSON nor a form")',
                "return _form(text)",
            ),
        ),
    ),
    Attempt(
        "JSON too deep",
        f"{_TRANSPORT}a_command_inside_json_that_is_too_deep_is_turned_away",
        "the taker of `RecursionError`",
        (Cut("bot/guard.py:_object", "except (ValueError, RecursionError):", "except ValueError:"),),
    ),
    Attempt(
        "a name twice in a form",
        f"{_TRANSPORT}a_name_that_is_there_twice_means_the_same_to_the_guard_and_to_the_app",
        "the order: the first instead of the last",
        (
            Cut(
                "bot/guard.py:_form",
                'dict(parse_qsl(text, keep_blank_values=True, errors="strict"))',
                'dict(reversed(parse_qsl(text, keep_blank_values=True, errors="strict")))',
            ),
        ),
    ),
    Attempt(
        "metrics from outside",
        f"{_TRANSPORT}health_and_metrics_are_not_served_where_slack_comes_in[/metrics]",
        "put in: a route",
        (
            Cut(
                "bot/http.py:slack_app",
                "Route(SLACK_PATH, endpoint),",
                'Route(SLACK_PATH, endpoint), Route("/metrics", endpoint),',
            ),
        ),
    ),
    Attempt(
        "headers and bodies in the log",
        f"{_TRANSPORT}what_is_turned_away_is_not_logged",
        "put in: the headers",
        (
            Cut(
                "bot/http.py:__call__",
                "because=rejected.words,",
                "because=f\"{rejected.words} {scope['headers']}\",",
            ),
        ),
    ),
    Attempt(
        "a body in the log of Slack's library",
        "tests/bot/test_logs.py::test_an_unheard_body_that_bolt_logs_is_withheld_but_the_fact_is_told[debug]",
        "the paring down",
        (Cut("bot/logs.py:emit", "record = _pared(record)", "pass"),),
    ),
    Attempt(
        "a token in an error that is logged",
        "tests/bot/test_logs.py::test_a_secret_in_an_error_is_redacted",
        "the redactor",
        (
            Cut(
                "bot/logs.py:format", "return redact(super().format(record))", "return super().format(record)"
            ),
        ),
    ),
    Attempt(
        "a guest",
        f"{_OUTSIDE}[a guest-button access.ask]",
        "the line about guests",
        (Cut("handlers/visitors.py:require_welcome", 'raise NotAllowedHere("guest")', "pass"),),
    ),
    Attempt(
        "somebody who left",
        f"{_OUTSIDE}[an admin who was deactivated-button access.ask]",
        "the line about the deactivated",
        (Cut("handlers/visitors.py:require_welcome", 'raise NotAllowedHere("deactivated")', "pass"),),
    ),
    Attempt(
        "a person of another workspace",
        f"{_OUTSIDE}[a person of another workspace-button access.ask]",
        "the comparison with what the payload says; and with what Slack says",
        (
            Cut("handlers/visitors.py:_require_home", " or who.home != here", ""),
            Cut(
                "handlers/visitors.py:unwelcome",
                'if user.get("is_stranger") or user.get("team_id") != workspace:',
                "if False:",
            ),
        ),
    ),
    Attempt(
        "an id of ours with another workspace",
        f"{_OUTSIDE}[an admin's id with another workspace-form request.forward]",
        "the comparison",
        (Cut("handlers/visitors.py:_require_home", " or who.home != here", ""),),
    ),
    Attempt(
        "a bot",
        f"{_OUTSIDE}[a bot-button access.ask]",
        "the line about bots, the one where people are linked, and the demand for an address",
        (
            Cut("handlers/visitors.py:unwelcome", 'return "bot"', "pass"),
            Cut("store/profiles.py:link", 'raise NotAllowedHere("bot")', "pass"),
            Cut("handlers/visitors.py:look_up", "if profile.email is None:", "if False:"),
        ),
    ),
    Attempt(
        "an admin whose roles rest",
        f"{_OUTSIDE}[an admin whose roles rest-form environment.release]",
        "the state of a role",
        (Cut("store/infrastructures.py:_seen_query", ', roles.c.state == "active"', ""),),
    ),
    Attempt(
        "a removed contact presses their old card",
        f"{_OUTSIDE}[a contact whose role was taken-button request.forward]",
        "the right of today",
        (_DECIDES_NOW,),
    ),
    Attempt(
        "a removed contact sends a file again",
        f"{_OUTSIDE}[a contact whose role was taken-button item.send_again]",
        "the right of today",
        (
            Cut(
                "store/resending.py:_require_own",
                "if not decided or not may_decide_now(act, request, person_id):",
                "if not decided:",
            ),
        ),
    ),
    Attempt(
        "a contact of another infrastructure forwards",
        f"{_OUTSIDE}[a contact of another infrastructure-button request.forward]",
        "the place of a role",
        (_COVERED_IN,),
    ),
    Attempt(
        "a contact of another infrastructure releases",
        f"{_OUTSIDE}[a contact of another infrastructure-form environment.release]",
        "the place of a role",
        (_COVERED,),
    ),
    Attempt(
        "a member of another company registers",
        f"{_OUTSIDE}[a member of another company-form environment.register]",
        "the place of a role",
        (_COVERED,),
    ),
    Attempt(
        "an admin of another company reads a request",
        f"{_OUTSIDE}[an admin of another company-button home.request]",
        "who may see it; and who may read it",
        (
            Cut("store/request_views.py:shown_to", "reach(held).condition()", "requests.c.id > 0"),
            Cut(
                "handlers/following.py:_one", "if not _oversees(connection, visitor, found[0]):", "if False:"
            ),
        ),
    ),
    Attempt(
        "a member whose role was taken asks again for a file",
        f"{_OUTSIDE}[a member whose role was taken-form license.request]",
        "that a role has ended",
        (
            Cut(
                "store/infrastructures.py:_seen_query",
                "roles.c.held_until.is_(None), ",
                "",
            ),
        ),
    ),
    Attempt(
        "a member forwards",
        f"{_ROLE}[U0ANA-button request.forward]",
        "the question for the right",
        (_DECIDES_NOW,),
    ),
    Attempt(
        "an auditor forwards",
        f"{_ROLE}[U0MAX-button request.forward]",
        "which roles decide",
        (Cut("store/rules/rights.py:decides", "self.roles & (CONTACTS | ADMINS)", "self.roles"),),
    ),
    Attempt(
        "an operator forwards whom nobody asked",
        f"{_ROLE}[U0OLGA-form request.forward]",
        "whether they were asked",
        (
            Cut(
                "store/rules/rights.py:may_decide",
                "(asked_operators and RoleName.OPERATOR in own.roles)",
                "RoleName.OPERATOR in own.roles",
            ),
        ),
    ),
    Attempt(
        "a member declines",
        f"{_ROLE}[U0ANA-form request.decline]",
        "the question for the right",
        (_DECIDES_NOW,),
    ),
    Attempt(
        "the requester decides",
        "tests/handlers/test_who_decides.py::test_the_requester_cannot_decide_and_is_told_who_can",
        "the comparison with the requester",
        (Cut("store/decisions.py:_require_right", "if person_id == request.requester.id:", "if False:"),),
    ),
    Attempt(
        "somebody withdraws for others",
        f"{_ROLE}[U0RUI-button item.withdraw]",
        "the comparison of the requester",
        (_ITS_REQUESTER,),
    ),
    Attempt(
        "somebody asks again for others",
        f"{_ROLE}[U0ANA-button item.ask_again]",
        "the comparison of the requester",
        (_ITS_REQUESTER,),
    ),
    Attempt(
        "somebody undoes what another registered",
        f"{_ROLE}[U0RUI-button environment.undo]",
        "whose registration it is",
        (
            Cut(
                "store/registrations.py:_why_not_undone",
                " or registration.registrant_id != act.actor.person_id",
                "",
            ),
        ),
    ),
    Attempt(
        "an auditor registers",
        f"{_ROLE}[U0MAX-form environment.register]",
        "the question for the right",
        (_REGISTERS,),
    ),
    Attempt(
        "an auditor changes a version",
        f"{_ROLE}[U0MAX-form environment.change_version]",
        "the question for the right",
        (_REGISTERS,),
    ),
    Attempt(
        "an auditor asks for a file",
        f"{_ROLE}[U0MAX-form license.request]",
        "the question for the right, for asking; and for registering",
        (
            Cut("store/new_requests.py:require_asking", "if not seen.rights.registers:", "if False:"),
            _REGISTERS,
        ),
    ),
    Attempt(
        "a member releases",
        f"{_ROLE}[U0ANA-form environment.release]",
        "the question in the act; and the one before it",
        (_RELEASES, _SHOWN_FORM),
    ),
    Attempt(
        "a member opens the form for releasing",
        f"{_ROLE}[U0ANA-button environment.release]",
        "the question for the right",
        (_SHOWN_FORM,),
    ),
    Attempt(
        "an additional contact uploads a file of the vendor's",
        f"{_ROLE}[U0ADA-form held_file.upload]",
        "the question for the right",
        (_SHOWN_FORM,),
    ),
    Attempt(
        "a member renames",
        f"{_ROLE}[U0ANA-form environment.rename]",
        "the question for the right",
        (Cut("store/renames.py:rename", "if not seen.rights.renames:", "if False:"),),
    ),
    Attempt(
        "an admin renews",
        f"{_ROLE}[U0EVA-form subscription.renew]",
        "the question for the right",
        (_IS_OPERATOR,),
    ),
    Attempt(
        "a contact suspends",
        f"{_ROLE}[U0RUI-form subscription.suspend]",
        "the question for the right",
        (_IS_OPERATOR,),
    ),
    Attempt(
        "a member reinstates",
        f"{_ROLE}[U0ANA-form subscription.reinstate]",
        "the question for the right",
        (_IS_OPERATOR,),
    ),
    Attempt(
        "an admin opens the form of renewals",
        f"{_ROLE}[U0EVA-button subscription.renew]",
        "the question for the right",
        (_OPERATED,),
    ),
    Attempt(
        "a technical contact makes somebody a member",
        f"{_ROLE}[U0RUI-form people.set_role]",
        "the question for the right",
        (Cut("store/roles.py:change", "if not may_set(own_rights(act, scope), role):", "if False:"),),
    ),
    Attempt(
        "a member confirms a role",
        f"{_ROLE}[U0ANA-form people.confirm_roles]",
        "the question for the right",
        (Cut("store/roles.py:_require_confirming", "if not may_confirm(rights, held.role):", "if False:"),),
    ),
    Attempt(
        "a contact sets the channel",
        f"{_ROLE}[U0RUI-form people.set_channel]",
        "the question before Slack is asked; and the one in the act",
        (
            Cut("store/approval_channels.py:set_channel", "if not seen.rights.roles & ADMINS:", "if False:"),
            _ADMINISTERED,
        ),
    ),
    Attempt(
        "a contact opens the form for the channel",
        f"{_ROLE}[U0RUI-button people.set_channel]",
        "the question for the right",
        (_ADMINISTERED,),
    ),
    Attempt(
        "a contact names a stand-in for another",
        f"{_ROLE}[U0FIONA-form people.name_stand_in]",
        "the question for the right",
        (
            Cut(
                "store/stand_ins.py:_where_allowed",
                "if act.actor.person_id != contact_id and not seen.rights.roles & ADMINS:",
                "if False:",
            ),
        ),
    ),
    Attempt(
        "a member opens the form for stand-ins",
        f"{_ROLE}[U0ANA-button people.name_stand_in]",
        "the question for the right",
        (
            Cut(
                "handlers/standing_in.py:_allowed",
                "if not seen.rights.roles & (ADMINS | CONTACTS):",
                "if False:",
            ),
        ),
    ),
    Attempt(
        "a member ends somebody's stand-in",
        f"{_ROLE}[U0ANA-button people.end_stand_in]",
        "the question for the right",
        (
            Cut(
                "store/stand_ins.py:end_stand_in",
                "_where_allowed(act, found.infrastructure_id, found.contact.id)",
                "infrastructures.get(act.connection, found.infrastructure_id)",
            ),
        ),
    ),
    Attempt(
        "somebody hands over another's role",
        f"{_ROLE}[U0ANA-form people.hand_over]",
        "the comparison of the holder",
        (Cut("store/handing_over.py:_own", "held.person.id != act.actor.person_id or ", ""),),
    ),
    Attempt(
        "a member gives a role to a successor",
        f"{_ROLE}[U0ANA-button people.take_over]",
        "the question for the right",
        (Cut("store/handing_over.py:take_over", "if not may_set(rights, held.role):", "if False:"),),
    ),
    Attempt(
        "a member lets somebody in",
        f"{_ROLE}[U0ANA-form access.add_member]",
        "whether it is theirs to answer; and whether they may let in there",
        (
            _ANSWERABLE,
            Cut("store/access_requests.py:add_member", "if not _may_let_in(seen, request):", "if False:"),
        ),
    ),
    Attempt(
        "a contact turns somebody away",
        f"{_ROLE}[U0RUI-button access.decline]",
        "the question for the right",
        (_ANSWERABLE,),
    ),
    Attempt(
        "items of another request",
        f"{_ID}[form request.forward-item]",
        "the comparison of the items",
        (Cut("store/decisions.py:_chosen", "if not own.issuperset(item_ids):", "if False:"),),
    ),
    Attempt(
        "a slot of another company",
        f"{_ID}[form environment.register-slot]",
        "the place of a role",
        (_COVERED,),
    ),
    Attempt(
        "another company's registration in `private_metadata`",
        f"{_ID}[form environment.change_version-fresh]",
        "the place of a role",
        (_COVERED,),
    ),
    Attempt(
        "another company's slot in `private_metadata`",
        f"{_ID}[form environment.rename-taken]",
        "the place of a role",
        (_COVERED,),
    ),
    Attempt(
        "another company's registration in the form for releasing",
        f"{_ID}[form environment.release-registration]",
        "the place of a role",
        (_COVERED,),
    ),
    Attempt(
        "a request of another company",
        f"{_ID}[button request.forward-request]",
        "the place of a role",
        (_COVERED_IN,),
    ),
    Attempt(
        "an item of another company",
        f"{_ID}[button item.withdraw-item]",
        "the comparison of the requester",
        (_ITS_REQUESTER,),
    ),
    Attempt(
        "the history of another company",
        f"{_ID}[button history.show-infrastructure]",
        "the place of a role",
        (_COVERED,),
    ),
    Attempt(
        "a contact of another company",
        f"{_ID}[form people.name_stand_in-contact]",
        "the question whether it is a contact",
        (
            Cut(
                "store/stand_ins.py:name_stand_in",
                "if not stand_in_rows.is_contact(act.connection, contact_id, infrastructure_id):",
                "if False:",
            ),
        ),
    ),
    Attempt(
        "somebody who asked another company",
        f"{_ID}[form access.add_member-access]",
        "where it was asked, twice",
        (
            Cut(
                "store/access_requests.py:_may_let_in",
                "seen.infrastructure.company_id == request.company_id",
                "True",
            ),
            Cut(
                "store/access_requests.py:_may_reach",
                " and held.company_id in {None, request.company_id}",
                "",
            ),
        ),
    ),
    Attempt(
        "payloads changed at random",
        "tests/handlers/test_mutations.py::test_a_changed_payload_never_changes_anything_of_others",
        "the place of a role; and which roles release",
        (_COVERED, Cut("store/rules/rights.py:releases", "bool(self.roles & RELEASERS)", "True")),
    ),
    Attempt(
        "mentions and links in a reason",
        f"{_TEXT}hostile_words_in_a_form_have_no_power[request.decline-reason]",
        "the escaping",
        (_ESCAPED,),
    ),
    Attempt(
        "mentions and links behind a command",
        f"{_TEXT}hostile_words_behind_a_command_have_no_power[slots]",
        "the escaping",
        (_ESCAPED,),
    ),
    Attempt(
        "marks in the names of people and places, by a button",
        f"{_TEXT}hostile_names_have_no_power_in_what_a_button_or_form_shows[button home.request]",
        "the look-alikes",
        (_LOOK_ALIKES,),
    ),
    Attempt(
        "marks in names, by a command",
        f"{_TEXT}hostile_names_have_no_power_in_what_a_command_shows[environments]",
        "the look-alikes",
        (_LOOK_ALIKES,),
    ),
    Attempt(
        "signs of SQL behind a command",
        f"{_TEXT}signs_of_the_query_language_find_nothing[environments-%]",
        "the escaping",
        (Cut("store/infrastructures.py:is_called", "autoescape=True", "autoescape=False"),),
    ),
    Attempt(
        "signs of SQL in a menu",
        f"{_TEXT}signs_of_the_query_language_typed_into_a_menu_find_nothing[people.infrastructure-_]",
        "the escaping",
        (Cut("store/menus.py:_has", "autoescape=True", "autoescape=False"),),
    ),
    Attempt(
        "a serial number of others, known or not, by command",
        f"{_ORACLE}what_is_anothers_is_answered_like_what_is_nobodys[environments-a serial number-U0ANA]",
        "the reach",
        (Cut("store/registration_rows.py:open_within", ", reach.condition()", ""),),
    ),
    Attempt(
        "a request of others by search",
        f"{_ORACLE}a_search_finds_of_others_what_it_finds_of_nobody[a request]",
        "who may see it",
        (Cut("store/request_views.py:shown_to", "reach(held).condition()", "requests.c.id > 0"),),
    ),
    Attempt(
        "a request number without its letter",
        f"{_ORACLE}a_search_finds_of_others_what_it_finds_of_nobody[a bare number]",
        "who may see it",
        (
            Cut(
                "handlers/home_clicks.py:_is_number",
                "shown_to(connection, wanted, visitor.person.id, visitor.held, visitor.now)",
                'connection.exec_driver_sql("SELECT 1 FROM requests WHERE id = ?", (wanted,)).all()',
            ),
        ),
    ),
    Attempt(
        "what a menu offers of others",
        f"{_ORACLE}a_menu_offers_nothing_of_others[people.infrastructure-Globex]",
        "the reach",
        (Cut("store/menus.py:places", "within.condition(), ", ""),),
    ),
    Attempt(
        "a stolen database",
        f"{_STOLEN}neither_a_license_nor_a_private_key_nor_a_token_is_readable_in_what_was_stolen[sqlite]",
        "the encryption",
        (_SEALED, _OPENED),
    ),
    Attempt(
        "a stolen database and another master key",
        f"{_STOLEN}what_was_stolen_does_not_open_with_another_master_key[sqlite]",
        "the encryption",
        (_SEALED, _OPENED),
    ),
    Attempt(
        "the thief's signing key",
        f"{_STOLEN}the_private_key_of_the_thief_put_in_its_place_signs_nothing[sqlite]",
        "the encryption",
        (_SEALED, _OPENED),
    ),
    Attempt(
        "a path in a file's name",
        f"{_FILE}the_name_of_an_archive_is_no_path_and_no_header[../../etc/passwd]",
        "what takes out the unusual",
        (_USUAL,),
    ),
    Attempt(
        "a header in a file's name",
        rf"{_ARCHIVE}[a\r\nContent-Disposition: attachment; filename=x.exe]",
        "what takes out the unusual",
        (_USUAL,),
    ),
    Attempt(
        "a hidden file",
        f"{_FILE}the_name_of_an_archive_is_no_path_and_no_header[.hidden]",
        "what takes off the dots",
        (Cut("bot/sending/archives.py:archive_name", '.strip("-.")', ""),),
    ),
    Attempt(
        "a formula in a report",
        f"{_FILE}a_cell_of_a_report_is_no_formula[=1+1]",
        "the apostrophe",
        (_FORMULA,),
    ),
    Attempt(
        "a formula behind white space",
        f"{_FILE}a_cell_of_a_report_is_no_formula[ =1]",
        "the look behind white space",
        (Cut("handlers/spreadsheet.py:harmless", " or one_line.startswith(_FORMULA)", ""),),
    ),
    Attempt(
        "a formula in wide letters",
        rf"{_FILE}a_cell_of_a_report_is_no_formula[\uff1d1]",
        "the wide letters",
        (Cut("handlers/spreadsheet.py:_FORMULA", ', "＝", "＋", "－", "＠"', ""),),
    ),
    Attempt(
        "a formula in a result that repeats what was handed in",
        f"{_FILE}a_cell_of_a_result_that_repeats_what_was_handed_in_is_no_formula[@SUM(A1)]",
        "the apostrophe",
        (_FORMULA,),
    ),
    Attempt(
        "an upload that is too large",
        f"{_FILE}an_upload_that_is_no_table_is_refused_in_words[too many bytes]",
        "the size that Slack says; and the one that came",
        (
            Cut("handlers/slack.py:read_file", 'if int(file.get("size") or 0) > most:', "if False:"),
            Cut("handlers/slack.py:read_file", "if len(content) > most:", "if False:"),
        ),
    ),
    Attempt(
        "a table of too many rows",
        f"{_FILE}an_upload_that_is_no_table_is_refused_in_words[too many rows]",
        "the comparison",
        (Cut("store/rules/sheets.py:_at_most", "if number >= most:", "if False:"),),
    ),
    Attempt(
        "a zip bomb as a table",
        f"{_FILE}an_upload_that_is_no_table_is_refused_in_words[a zip bomb]",
        "the refusal of what is no text; and of zeros",
        (_READABLE, _NO_ZERO),
    ),
    Attempt(
        "zeros in a table",
        f"{_FILE}an_upload_that_is_no_table_is_refused_in_words[a zero in a cell]",
        "the look for a zero",
        (_NO_ZERO,),
    ),
    Attempt(
        "broken quotations in a table",
        f"{_FILE}an_upload_that_is_no_table_is_refused_in_words[text behind a quotation]",
        "`strict`",
        (Cut("store/rules/sheets.py:_lines", "strict=True", "strict=False"),),
    ),
    Attempt(
        "the token led elsewhere",
        f"{_FILE}the_address_of_a_file_leads_the_token_nowhere_else[{{}}/here]",
        "the opener that follows nothing",
        (Cut("handlers/slack.py:download", "_STRAIGHT.open(", "urllib.request.urlopen("),),
    ),
    Attempt(
        "a file of this machine",
        f"{_FILE}the_address_of_a_file_leads_the_token_nowhere_else[file:///etc/passwd]",
        "the comparison of the site",
        (_OWN_SITE,),
    ),
    Attempt(
        "somebody else's upload",
        "tests/handlers/test_bulk.py::test_a_forged_confirmation_reads_nobody_elses_file",
        "whose file Slack says it is",
        (Cut("handlers/slack.py:read_file", 'if file.get("user") != user:', "if False:"),),
    ),
    Attempt(
        "secrets in what is let out",
        "tests/attacks/test_canaries.py::test_no_secret_is_in_anything_that_the_program_lets_out",
        "put in: a line that logs the signing secret",
        (
            Cut(
                "bot/guard.py:Guard",
                "self._seen: OrderedDict[bytes, float] = OrderedDict()",
                'self._seen = OrderedDict()\n        __import__("structlog").get_logger().info(signing_secret)',
            ),
        ),
    ),
    Attempt(
        "the token of a link in the log",
        "tests/attacks/test_links.py::test_the_token_of_a_link_is_neither_kept_nor_logged",
        "put in: a line that logs it",
        (
            Cut(
                "store/mails.py:read_link",
                "message, signature = ",
                '__import__("structlog").get_logger().info(token)\n    message, signature = ',
            ),
        ),
    ),
    Attempt(
        "`alg` confusion: a public key as a shared secret",
        f"{_LICENSE}a_public_key_used_as_a_shared_secret_signs_nothing[ES256]",
        "the list of algorithms; and the key's own",
        (_KNOWN_ALGORITHM, _KEYS_ALGORITHM),
    ),
    Attempt(
        "another `alg`",
        f"{_LICENSE}the_algorithm_is_the_one_of_the_key_and_not_the_one_of_the_header[ES256]",
        "the comparison with the key's",
        (_KEYS_ALGORITHM,),
    ),
    Attempt(
        "`none`",
        f"{_LICENSE}an_unsigned_file_is_refused_whatever_it_claims[ES256]",
        "the list of algorithms; and the key's own",
        (_KNOWN_ALGORITHM, _KEYS_ALGORITHM),
    ),
    Attempt(
        "an embedded `jwk`",
        f"{_LICENSE}a_key_that_the_file_brings_along_is_not_used[ES256]",
        "put in: the use of it",
        (
            Cut(
                "store/jws.py:_verified",
                "key.public_key,",
                '__import__("jwt").PyJWK(_header(token).get("jwk")).key,',
            ),
        ),
    ),
    Attempt(
        "a key that was given up",
        f"{_LICENSE}a_file_of_a_compromised_key_is_not_believed_although_it_is_intact[ES256]",
        "the state of the key",
        (Cut("store/jws.py:read", "if not key.state.trusted:", "if False:"),),
    ),
    Attempt(
        "a revocation list as a license",
        f"{_LICENSE}another_type_of_signed_text_is_no_license_file[ES256-license-revocations+jwt]",
        "the comparison of the type",
        (Cut("store/jws.py:_check_kind", 'if header.get("typ") != kind:', "if False:"),),
    ),
    Attempt(
        "a critical extension",
        f"{_LICENSE}a_file_that_demands_an_extension_is_refused[crit0]",
        "the look for `crit`",
        (Cut("store/jws.py:_check_kind", 'if "crit" in header:', "if False:"),),
    ),
    Attempt(
        "a license for another product",
        f"{_LICENSE}a_license_for_another_product_names_both",
        "the comparison",
        (
            Cut(
                "store/license_file.py:read",
                "if audience is not None and facts.audience != audience:",
                "if False:",
            ),
        ),
    ),
    Attempt(
        "a huge license file",
        f"{_LICENSE}a_huge_file_is_refused_before_anything_is_done_with_it",
        "the comparison",
        (Cut("store/license_file.py:_token", "if len(raw) > LARGEST:", "if False:"),),
    ),
    Attempt(
        "a role lost between decision and delivery",
        "tests/handlers/test_who_decides.py::test_a_role_lost_between_decision_and_delivery_closes_the_item_and_tells_both",
        "the question at delivery",
        (Cut("store/deliverability.py:_cause", "return lost or ", "return "),),
    ),
    Attempt(
        "guessing on and on",
        "tests/handlers/test_limits.py::test_what_is_submitted_clicked_and_searched_in_a_pause_does_nothing",
        "the pause",
        (
            Cut(
                "handlers/visitors.py:require_heard",
                "if until is not None and ",
                "if False and until is not None and ",
            ),
        ),
    ),
    Attempt(
        "a forged e-mail link",
        f"{_MAIL}a_link_that_was_not_made_by_this_desk_is_not_known[sqlite-<lambda>1]",
        "the comparison of the signature",
        (
            Cut(
                "store/mails.py:read_link",
                "if not desk.vault.signed(_PURPOSE, message, signature):",
                "if False:",
            ),
        ),
    ),
    Attempt(
        "an old e-mail link of somebody who lost the right",
        f"{_MAIL}somebody_who_lost_the_right_cannot_use_the_link_any_more[sqlite]",
        "the question for the page",
        (
            Cut(
                "handlers/deciding_page.py:_question",
                "if not mails.may_answer(connection, request.id, reader.id, desk.clock()):",
                "if False:",
            ),
        ),
    ),
    Attempt(
        "another site answers",
        f"{_MAIL}other_sites_cannot_answer_for_somebody[sqlite]",
        "the look at where it comes from",
        (Cut("bot/pages.py:answer", "if not self._is_from_our_page(request):", "if False:"),),
    ),
    Attempt(
        "the mail server of somebody else",
        "tests/mail/test_mail_security.py::test_a_certificate_that_nobody_vouches_for_gets_neither_mail_nor_password[starttls]",
        "the look at its certificate",
        (
            Cut(
                "bot/mailing.py:_connected",
                "ssl.create_default_context()",
                "ssl._create_unverified_context()",
            ),
        ),
    ),
    Attempt(
        "an answer on a page that does not come",
        f"{_PAGE}an_answer_that_does_not_come_is_not_waited_for_and_its_sender_is_hung_up_on",
        "the time-out",
        (Cut("bot/bodies.py:read_body", "asyncio.timeout(seconds)", "asyncio.timeout(None)"),),
    ),
    Attempt(
        "sending on slowly after the answer",
        "tests/bot/test_http.py::test_a_sender_that_is_too_slow_is_hung_up_on",
        "the hanging up",
        (Cut("bot/site.py:_completed", 'if message["status"] == _SLOW', "if False"),),
    ),
    Attempt(
        "a huge answer on a page",
        f"{_PAGE}an_answer_that_says_that_it_is_too_large_is_not_waited_for[20001]",
        "the comparison of the length that is said",
        (Cut("bot/bodies.py:_read", " or int(declared) > most", ""),),
    ),
    Attempt(
        "an answer of unsaid length",
        f"{_PAGE}an_answer_of_unsaid_length_is_bounded_too",
        "the comparison of what has come",
        (Cut("bot/bodies.py:_read", "if len(body) > most:", "if False:"),),
    ),
    Attempt(
        "unknown links again and again",
        f"{_PAGE}who_guesses_links_is_told_to_wait_and_it_is_in_the_log_once",
        "the limit",
        (Cut("bot/guesses.py:wait", "if count < MOST:", "if True:"),),
    ),
    Attempt(
        "guessing under forged addresses",
        f"{_PAGE}a_header_makes_nobody_somebody_else[X-Forwarded-For]",
        "put in: the address of a header",
        (
            Cut(
                "bot/pages.py:_unknown",
                'request.client.host if request.client else ""',
                'request.headers.get("x-forwarded-for", "")',
            ),
        ),
    ),
    Attempt(
        "locking others out by guessing",
        f"{_PAGE}a_link_of_ours_opens_whatever_was_guessed_from_the_same_address",
        "the order: the limit before the link",
        (
            Cut(
                "bot/pages.py:_opened",
                "        try:\n",
                "        if self._guesses.wait(request.client.host):\n"
                "            return self._unknown(request, LinkUnknown())\n"
                "        try:\n",
            ),
        ),
    ),
    Attempt(
        "filling the memory with addresses",
        "tests/bot/test_guesses.py::test_no_more_addresses_are_remembered_than_fit_and_none_for_longer_than_it_counts",
        "the bound",
        (Cut("bot/guesses.py:_forget", "if len(self._tried) >= MOST_ADDRESSES:", "if False:"),),
    ),
    Attempt(
        "a traceback on a page",
        f"{_PAGE}a_fault_of_ours_is_a_page_with_a_reference_and_no_traceback",
        "the edge",
        (
            Cut(
                "bot/site.py:__call__",
                "            if begun:\n                raise\n",
                "            raise\n",
            ),
        ),
    ),
    Attempt(
        "a link sent over plain HTTP by a slash too many",
        f"{_PAGE}a_slash_behind_a_link_does_not_send_it_over_plain_http",
        "the switch",
        (Cut("bot/site.py:site", "made.router.redirect_slashes = False", "pass"),),
    ),
    Attempt(
        "a link of before a restore",
        f"{_MAIL}a_link_of_before_a_restore_does_not_open_the_request_that_got_its_id[sqlite-answer1]",
        "the moment",
        (
            Cut(
                "store/mails.py:request_behind",
                "if known and _second_of(request) == link.asked:",
                "if known:",
            ),
        ),
    ),
    Attempt(
        "a card of before a restore",
        "tests/handlers/test_older_messages.py"
        "::test_the_card_of_a_lost_request_decides_nothing_about_another_one_of_its_number[request.forward]",
        "the look at the message's age",
        (
            Cut(
                "handlers/older_messages.py:_require_younger",
                "outlived(click.message_age, visitor.now - restored_at)",
                "False",
            ),
        ),
    ),
    Attempt(
        "a button of before a restore that names a person",
        "tests/attacks/test_older_messages.py"
        "::test_a_button_of_a_message_that_is_older_than_what_it_names_changes_nothing[people.confirm_roles]",
        "the comparison with the highest id of the backup",
        (
            Cut(
                "store/restorations.py:restored_before",
                "if thing_id > each.facts[_highest(thing)]",
                "if False",
            ),
        ),
    ),
    Attempt(
        "master keys of another database",
        "tests/store/test_vault_check.py::test_the_private_key_in_use_has_to_open[sqlite]",
        "the look at what they open",
        (Cut("store/vault_check.py:check_vault", "raise MasterKeysOther", "pass"),),
    ),
    Attempt(
        "a changed record",
        f"{_RECORD}a_changed_entry_is_found[sqlite-facts]",
        "the hash",
        (
            Cut(
                "store/audit_check.py:_number_of",
                "if row.hash == digest(row.previous, row.at, entry, here):",
                "if True:",
            ),
        ),
    ),
    Attempt(
        "a record whose end was cut off",
        f"{_RECORD}a_tail_that_was_cut_off_is_found[sqlite]",
        "the note of the last entry",
        (Cut("store/audit_check.py:_end", "if self.greatest < length:", "if False:"),),
    ),
)
