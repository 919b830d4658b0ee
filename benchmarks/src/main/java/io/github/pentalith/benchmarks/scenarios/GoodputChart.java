// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Goodput over time as an SVG: a small picture for each trouble, a line for each policy. Written by hand, since a chart library
 * has no small multiples; text stays text, and colours suit light and dark pages.
 */
final class GoodputChart {
    private static final int COLUMNS = 2;
    private static final int WIDTH = 400;
    private static final int HEIGHT = 150;
    private static final int LEFT = 44;
    private static final int TOP = 56;
    private static final int GAP = 46;
    private static final int SECONDS = 45;
    private static final List<String> COLOURS = List.of("#999999", "#d55e00", "#e69f00", "#0072b2");

    private record Line(String policies, double[] perSecond) {}

    private final Map<Trouble, List<Line>> lines = new LinkedHashMap<>();

    void add(Trouble trouble, String policies, double[] perSecond) {
        lines.computeIfAbsent(trouble, t -> new ArrayList<>()).add(new Line(policies, perSecond));
    }

    String toSvg() {
        int rows = (lines.size() + COLUMNS - 1) / COLUMNS;
        int width = COLUMNS * (WIDTH + LEFT) + 20;
        int height = TOP + rows * (HEIGHT + GAP);
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n",
                width,
                height);
        add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n", width, height);
        text(
                svg,
                LEFT,
                18,
                "start",
                "Good replies per second, as a share of capacity; trouble from 10 s to 20 s (grey)");
        legend(svg);
        int index = 0;
        for (Map.Entry<Trouble, List<Line>> entry : lines.entrySet()) {
            int x = LEFT + index % COLUMNS * (WIDTH + LEFT);
            int y = TOP + 14 + index / COLUMNS * (HEIGHT + GAP);
            picture(svg, x, y, entry.getKey(), entry.getValue());
            index++;
        }
        return svg.append("</svg>\n").toString();
    }

    private void legend(StringBuilder svg) {
        int x = LEFT;
        List<Line> first = lines.values().iterator().next();
        for (int i = 0; i < first.size(); i++) {
            String colour = COLOURS.get(i % COLOURS.size());
            add(
                    svg,
                    "<line x1=\"%d\" y1=\"36\" x2=\"%d\" y2=\"36\" stroke=\"%s\" stroke-width=\"3\"/>%n",
                    x,
                    x + 24,
                    colour);
            text(svg, x + 30, 40, "start", first.get(i).policies());
            x += 60 + 7 * first.get(i).policies().length();
        }
    }

    private static void picture(StringBuilder svg, int x, int y, Trouble trouble, List<Line> lines) {
        double second = (double) WIDTH / SECONDS;
        add(
                svg,
                "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#eeeeee\"/>%n",
                x + 10 * second,
                y,
                10 * second,
                HEIGHT);
        add(
                svg,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#666666\"/>%n",
                x,
                y,
                WIDTH,
                HEIGHT);
        text(svg, x, y - 5, "start", trouble.toString());
        text(svg, x - 5, y + 12, "end", "100 %");
        text(svg, x - 5, y + HEIGHT, "end", "0");
        for (int time = 0; time <= 40; time += 10) {
            text(svg, (int) (x + time * second), y + HEIGHT + 15, "middle", time + " s");
        }
        for (int i = 0; i < lines.size(); i++) {
            StringBuilder points = new StringBuilder();
            double[] series = lines.get(i).perSecond();
            for (int t = 0; t < Math.min(SECONDS, series.length); t++) {
                double share = Math.min(1.05, series[t] / Trouble.CAPACITY);
                add(points, "%.1f,%.1f ", x + (t + 0.5) * second, y + HEIGHT - share * (HEIGHT - 10));
            }
            add(
                    svg,
                    "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%s\" points=\"%s\"/>%n",
                    COLOURS.get(i % COLOURS.size()),
                    i == lines.size() - 1 ? "2.5" : "1.5",
                    points.toString().strip());
        }
    }

    private static void text(StringBuilder svg, int x, int y, String anchor, String text) {
        add(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, text);
    }

    @FormatMethod
    private static void add(StringBuilder svg, @FormatString String format, Object... arguments) {
        svg.append(String.format(Locale.ROOT, format, arguments));
    }
}
