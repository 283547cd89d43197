.PHONY: run test bench

# The demo ward on http://127.0.0.1:8080 (or, with IOC_AREA_FILE=..., your own); Ctrl-C stops it. A second run keeps its data.
run:
	@scripts/run

# Every test, on a real PostGIS and in a real Chromium.
test:
	@scripts/test

# How fast it is, beside peers in the same run; the table goes into README.md. SIZE=small: two minutes. PROVINCE=1: a city too.
bench:
	@SIZE=$(SIZE) PROVINCE=$(PROVINCE) scripts/bench
