# The box: overlay, wiring picture, enclosure. hardware/Makefile includes this; it also works by itself:
#   make -C hardware -f box.mk overlay | wiring | enclosure | box-check
# dtc is in Debian's device-tree-compiler. `enclosure` alone needs openscad, xvfb and fonts-dejavu-core, and is
# seldom needed: what it makes is committed, and a test tells when that is older than its source.
.PHONY: overlay wiring enclosure box-check

overlay: build/sottovoce.dtbo ## Compile the device-tree overlay
build/sottovoce.dtbo: overlay/sottovoce.dts
	@mkdir -p build
	dtc -@ -I dts -O dtb -o $@ $<

wiring: wiring.svg ## Draw the wiring picture from board.toml
wiring.svg: board.toml $(wildcard drawings/*.py)
	python3 -m drawings.wiring $< $@

SOLIDS = $(addprefix enclosure/,base.stl lid.stl)
VIEWS = $(addprefix enclosure/,front.png back.png open.png labyrinth.png)

enclosure: enclosure/SHA256SUMS ## Render the enclosure anew
enclosure/SHA256SUMS: enclosure/enclosure.scad $(SOLIDS) $(VIEWS)
	python3 -m drawings.stl $(SOLIDS)
	cd enclosure && sha256sum $(notdir $^) > SHA256SUMS

# "Simple: yes" is OpenSCAD's word for a closed solid.
$(SOLIDS): enclosure/%.stl: enclosure/enclosure.scad
	@mkdir -p build
	openscad -o $@ --export-format binstl -D 'part="$*"' $< 2>build/$*.log || { cat build/$*.log; exit 1; }
	@grep -E 'resonance|Simple' build/$*.log && grep -q 'Simple: *yes' build/$*.log

enclosure/front.png: VIEW = -D 'part="assembly"' --viewall --autocenter --camera=0,0,0,45,0,165,400
enclosure/back.png: VIEW = -D 'part="assembly"' --viewall --autocenter --camera=0,0,0,60,0,30,400
enclosure/open.png: VIEW = -D 'part="open"' --viewall --autocenter --camera=0,0,0,60,0,155,400
enclosure/labyrinth.png: VIEW = -D 'part="labyrinth"' --render --camera=0,0,1.2,62,0,12,44
$(VIEWS): enclosure/%.png: enclosure/enclosure.scad box.mk
	xvfb-run -a openscad -q -o $@ --imgsize=900,650 --colorscheme=Tomorrow $(VIEW) $<

box-check: overlay ## Compile the overlay, compare the wiring picture with board.toml, check the solids
	python3 -m drawings.wiring board.toml build/wiring.svg
	cmp build/wiring.svg wiring.svg
	python3 -m drawings.stl $(SOLIDS)
	cd enclosure && sha256sum --quiet --check SHA256SUMS
