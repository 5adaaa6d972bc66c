wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"referenceid":12345678926,"ackno":127}'
