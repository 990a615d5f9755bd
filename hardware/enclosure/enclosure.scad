// SPDX-License-Identifier: Apache-2.0
// Box for Sottovoce: a tray (base) for the Pi, and a lid that carries the board with switch, lights, button
// and microphones. Lengths in millimetres. NOBODY HAS PRINTED IT YET: print the base first and try your Pi.
//
//   make -C hardware enclosure        writes the STL files and the pictures (needs OpenSCAD)
//
// Frame: x along the Pi's 85 mm, y along its 56 mm, as in its mechanical drawing: (0, 0) is the board's corner
// beside the power socket, the 40-pin header lies along y = 52.5. z = 0 is the underside of the box. You look
// at the box from the header's side: the power lead leaves at the back.

part = "assembly";    // base, lid; to be looked at: assembly, open, cut, labyrinth (both cut at a microphone)

/* [The Pi] Board, holes and sockets after Raspberry Pi's mechanical drawings of the 3B+, 4 and 5
   (datasheets.raspberrypi.com). Their sockets differ, so each side has one opening that takes all three. */
pi = [85, 56, 1.5];
holes = [58, 49];     // apart; the first one 3.5 from both edges
hole_edge = 3.5;
// Openings: [from, to, height over the board, depth under its upper side], with room for a plug's grip.
back = [4, 60, 11, 4];                 // side of y = 0: power, HDMI, sound
side = [1, 55.5, 17.5, 1];             // side of x = 85: Ethernet, USB

/* [Box] */
wall = 2.4;
play = 1.5;           // between the Pi's edge and the wall: its USB sockets overhang by about 3
under = 5;            // under the Pi, for solder joints and the card
above = 32;           // over the Pi: USB sockets 16, leads on the header 20
pillar = 3.6;         // radius of the corners that take the screws, M3 x 12
split = wall + under + pi[2];          // where lid meets base
top = split + above + wall;            // height of the box

/* [Board under the lid] A perfboard of 50 x 70 mm, its holes 46 x 66 apart: measure yours. */
board = [70, 50, 1.6];
board_holes = [66, 46];
board_gap = 8;        // between lid and board

sunk = 0.8;            // depth of the words on the lid

/* [Face] Places from the middle of the lid: right, away from you. */
switch_at = [0, 0];
switch_slot = [8.5, 4.4];              // of the lever and its way; measure yours
switch_screws = 15;                    // apart, M2; 0 for a switch that stands on the board
hears_at = [-14.5, 7.5];               // amber, 3 mm: the rail lives
deaf_at = [14.5, 7.5];                 // red, 3 mm: the switch says deaf
light_at = [0, 17];                    // RGB, 5 mm
button_at = [0, -15];                  // plunger of a 6 mm tactile switch
mics = [[-23.5, 17], [23.5, 17]];

/* [Labyrinth before each microphone] A laser can speak to a microphone it can hit ("Light Commands"). */
ports = 8;            // holes in the lid ...
port = 1.6;           // ... so wide ...
ring = 4;             // ... on this radius
room = 5.5;           // radius of the chamber behind them
chamber = 1.6;        // its height
baffle = 1.2;         // what stands in the light's way
throat = 2.5;         // the one hole in it, over the microphone's own
// The steepest straight line through a hole in the lid gets this far sideways inside the chamber:
reach = port / wall * chamber;
assert(ring - port / 2 - throat / 2 > reach, "labyrinth: a straight line leads from outside to the microphone");
// Its resonance (Helmholtz) must lie above what is listened to: 8 kHz at 16 000 samples a second.
resonance = 343000 / (2 * PI) * sqrt(ports * PI * pow(port / 2, 2)
            / (PI * room * room * chamber) / (wall + 0.85 * port));
echo(str("labyrinth resonance: ", round(resonance / 100) / 10, " kHz"));
assert(resonance > 8000, "labyrinth: it would colour speech");

$fa = 12;             // as round as a printer makes it; finer would only make the files bigger
$fs = 0.6;
e = 0.01;             // cuts go a little further than what they cut
inner = [pi[0] + 2 * play, pi[1] + 2 * play];
corners = [for (x = [-2, inner[0] + 2], y = [-2, inner[1] + 2]) [x - play, y - play]];
pi_holes = [for (x = [0, holes[0]], y = [0, holes[1]]) [hole_edge + x, hole_edge + y]];

module at(points) { for (p = points) translate(p) children(); }

module slab(height, grow = 0) {        // the inside of the box, or grown by `grow` its outside
    translate([-play - grow, -play - grow, 0]) cube([inner[0] + 2 * grow, inner[1] + 2 * grow, height]);
}

module outside(height) {
    slab(height, wall);
    at(corners) cylinder(h = height, r = pillar);
}

module hole(d, from, to) { translate([0, 0, from]) cylinder(h = to - from, d = d); }

// ---- base ----

module base() {
    difference() {
        outside(split);
        difference() {
            translate([0, 0, wall]) slab(split);
            at(corners) cylinder(h = split, r = pillar + e);
        }
        at(corners) { hole(3.4, -e, split + e); hole(6.4, -e, 3); }
        socket_openings();
        // Card: at x = 0, in the middle; the notch reaches under it, so that a finger does too.
        translate([-play - wall - e, pi[1] / 2 - 8, -e]) cube([wall + play + 3, 16, split + 2 * e]);
        for (x = [14 : 7 : 66]) translate([x, 12, -e]) cube([2.4, 32, wall + 2 * e]);   // vents
    }
    difference() {
        at(pi_holes) cylinder(h = wall + under, d = 6);
        at(pi_holes) hole(2.1, 1, split);                                               // M2.5, self-tapping
    }
}

// ---- lid ----

module face() { translate([pi[0] / 2, pi[1] / 2, top]) rotate(180) children(); }   // as you look at it

module label(words, size) {
    linear_extrude(sunk + e) text(words, size = size, font = "DejaVu Sans:style=Bold",
        halign = "center", valign = "center", $fn = 12);
}

module relief() {                       // sunk, so that the lid can be printed on its face; a finger finds it
    translate([-24, 0, -sunk]) label("LIVE", 6.4);
    translate([24, 0, -sunk]) label("DEAF", 6.4);
    translate(button_at) translate([0, 0, -sunk])
        difference() { cylinder(h = sunk + e, r = 5); hole(7.6, -e, sunk + 2 * e); }
}

module openings() {
    through = [-wall - e, e];
    translate(switch_at) {
        translate([-switch_slot[0] / 2, -switch_slot[1] / 2, through[0]])
            cube([switch_slot[0], switch_slot[1], wall + 2 * e]);
        if (switch_screws > 0) at([[-switch_screws / 2, 0], [switch_screws / 2, 0]]) hole(2.2, through[0], through[1]);
    }
    at([hears_at, deaf_at]) hole(3.2, through[0], through[1]);
    translate(light_at) hole(5.2, through[0], through[1]);
    translate(button_at) hole(4, through[0], through[1]);
    at(mics) for (i = [1 : ports]) rotate(i * 360 / ports) translate([ring, 0]) hole(port, through[0], through[1]);
}

module labyrinth() {                    // hangs under the lid; its chamber is bridged, 11 mm, when printed
    translate([0, 0, -wall - chamber - baffle]) difference() {
        cylinder(h = chamber + baffle + e, r = room + 1.2);
        translate([0, 0, baffle]) cylinder(h = chamber + 1, r = room);
        hole(throat, -e, baffle + e);
    }
}

module board_posts() {
    at([for (x = [-1, 1], y = [-1, 1]) [x * board_holes[0] / 2, y * board_holes[1] / 2, -wall - board_gap]])
        difference() { cylinder(h = board_gap + e, d = 5); hole(1.7, -e, board_gap - 1); }     // M2, self-tapping
}

module socket_openings() {             // base and lid each have their part of them
    depth = wall + 2 * e;
    translate([back[0], -play - wall - e, split - back[3]]) cube([back[1] - back[0], depth, back[2] + back[3]]);
    translate([pi[0] + play - e, side[0], split - side[3]]) cube([depth, side[1] - side[0], side[2] + side[3]]);
}

module lead_notch() {                   // on the right as you look: a loudspeaker's lead, or variant B's
    translate([-play - wall - e, 46, split - e]) {
        translate([0, -3.2, 0]) cube([wall + 2 * e, 6.4, 3.2]);
        translate([0, 0, 3.2]) rotate([0, 90, 0]) cylinder(h = wall + 2 * e, d = 6.4);
    }
}

module lid() {
    difference() {
        translate([0, 0, split]) outside(top - split);
        difference() {
            translate([0, 0, split - e]) slab(above + e);
            at(corners) cylinder(h = top, r = pillar + e);
        }
        at(corners) hole(2.6, split - e, split + 14);
        socket_openings();
        lead_notch();
        for (x = [10 : 6 : 76]) translate([x, pi[1] + play - e, split + 12])             // vents, towards you
            cube([2.4, wall + 2 * e, 14]);
        face() { openings(); relief(); }
    }
    face() { board_posts(); at(mics) labyrinth(); }
}

// ---- pictures ----

module pi_board() {                     // a Pi 4, roughly
    color("seagreen") translate([0, 0, wall + under]) cube(pi);
    color("dimgray") translate([7, 50, split]) cube([51, 5, 8.5]);
    color("silver") for (y = [9, 27, 45.75]) translate([pi[0] - 16, y - 7, split]) cube([19, 14, y > 40 ? 13.5 : 16]);
    color("silver") for (x = [11.2, 26, 39.5, 54]) translate([x - 4, -1, split]) cube([8, 7, x > 50 ? 6 : 3.2]);
}

module sottovoce_board() {
    color("peru") face() translate([-board[0] / 2, -board[1] / 2, -wall - board_gap - board[2]]) cube(board);
}

module colour_lights() {
    face() {
        color("orange") translate(hears_at) translate([0, 0, -4]) cylinder(h = 5.5, d = 3);
        color("red") translate(deaf_at) translate([0, 0, -4]) cylinder(h = 5.5, d = 3);
        color("white") translate(light_at) translate([0, 0, -4]) cylinder(h = 6, d = 5);
        color("dimgray") translate(button_at) translate([0, 0, -4]) cylinder(h = 5, d = 3.5);
        color("black") translate([switch_at[0] - 4, switch_at[1] - 2, -4]) cube([4, 4, 7]);
    }
}

module cut_at_microphone() {
    difference() { children(); translate([-50, pi[1] / 2 - mics[0][1] - 200, -1]) cube([300, 200, 100]); }
}

module whole_lid() {
    color("slategray") lid();
    color("white") face() translate([0, 0, 0.02 - sunk / 2]) relief();   // as if inked
    colour_lights();
    sottovoce_board();
}

module assembly() { color("lightsteelblue") base(); pi_board(); whole_lid(); }

if (part == "base") base();
else if (part == "lid") translate([0, 0, top]) rotate([180, 0, 0]) lid();                 // as it is printed
else if (part == "open") { color("lightsteelblue") base(); pi_board();
    translate([0, 0, 40]) whole_lid(); }
else if (part == "cut") cut_at_microphone() assembly();
else if (part == "labyrinth") translate([mics[0][0] - pi[0] / 2, mics[0][1] - pi[1] / 2, 4 - top]) color("slategray")
    cut_at_microphone() intersection() { lid(); face() translate(mics[0]) translate([-9, -9, -10]) cube([18, 18, 11]); }
else if (part != "assembly") assert(false, "part: base, lid, assembly, open, cut, labyrinth");
else assembly();
