// The shortcodes that business messages use; any other stays as it was typed, as Slack does with unknown ones.

const CODES = `
+1 1f44d|thumbsup 1f44d|-1 1f44e|thumbsdown 1f44e|ok_hand 1f44c|wave 1f44b|clap 1f44f|pray 1f64f|raised_hands 1f64c
point_right 1f449|point_left 1f448|point_up 261d|point_down 1f447|muscle 1f4aa|handshake 1f91d|eyes 1f440|brain 1f9e0
smile 1f604|smiley 1f603|grinning 1f600|slightly_smiling_face 1f642|wink 1f609|joy 1f602|thinking_face 1f914
cry 1f622|sob 1f62d|sweat_smile 1f605|sunglasses 1f60e|neutral_face 1f610|disappointed 1f61e|scream 1f631|heart 2764
tada 1f389|sparkles 2728|star 2b50|fire 1f525|rocket 1f680|zap 26a1|boom 1f4a5|100 1f4af|trophy 1f3c6|medal 1f3c5
white_check_mark 2705|heavy_check_mark 2714|ballot_box_with_check 2611|x 274c|heavy_multiplication_x 2716
no_entry 26d4|no_entry_sign 1f6ab|octagonal_sign 1f6d1|stop_sign 1f6d1|warning 26a0|exclamation 2757|question 2753
information_source 2139|bulb 1f4a1|bell 1f514|no_bell 1f515|loudspeaker 1f4e2|mega 1f4e3|speech_balloon 1f4ac
red_circle 1f534|large_orange_circle 1f7e0|large_yellow_circle 1f7e1|large_green_circle 1f7e2|large_blue_circle 1f535
white_circle 26aa|black_circle 26ab|large_green_square 1f7e9|large_red_square 1f7e5|black_small_square 25aa
arrow_right 27a1|arrow_left 2b05|arrow_up 2b06|arrow_down 2b07|arrows_counterclockwise 1f504|repeat 1f501
leftwards_arrow_with_hook 21a9|heavy_plus_sign 2795|heavy_minus_sign 2796|link 1f517|paperclip 1f4ce|pushpin 1f4cc
lock 1f512|unlock 1f513|key 1f511|old_key 1f5dd|shield 1f6e1|mag 1f50d|hammer_and_wrench 1f6e0|wrench 1f527|gear 2699
hourglass 231b|hourglass_flowing_sand 23f3|alarm_clock 23f0|stopwatch 23f1|watch 231a|calendar 1f4c6|date 1f4c5
email 1f4e7|envelope 2709|inbox_tray 1f4e5|outbox_tray 1f4e4|package 1f4e6|mailbox 1f4eb|telephone_receiver 1f4de
memo 1f4dd|pencil2 270f|page_facing_up 1f4c4|clipboard 1f4cb|books 1f4da|bookmark 1f516|label 1f3f7|ticket 1f3ab
file_folder 1f4c1|open_file_folder 1f4c2|floppy_disk 1f4be|cd 1f4bf|computer 1f4bb|desktop_computer 1f5a5
bar_chart 1f4ca|chart_with_upwards_trend 1f4c8|chart_with_downwards_trend 1f4c9|moneybag 1f4b0|credit_card 1f4b3
office 1f3e2|factory 1f3ed|house 1f3e0|earth_africa 1f30d|globe_with_meridians 1f310|airplane 2708|construction 1f6a7
robot_face 1f916|ghost 1f47b|bug 1f41b|busts_in_silhouette 1f465|bust_in_silhouette 1f464|snowflake 2744|sunny 2600
cloud 2601|umbrella 2614|coffee 2615|pizza 1f355|cake 1f370|gift 1f381|balloon 1f388|checkered_flag 1f3c1`;

const EMOJI = new Map(
  CODES.trim()
    .split(/[|\n]/)
    .map((each) => {
      const [code, point] = each.trim().split(" ");
      return [code, String.fromCodePoint(parseInt(point, 16))];
    }),
);

/** The character of a shortcode; undefined for one that is not known. */
export function emoji(code) {
  return EMOJI.get(code);
}
